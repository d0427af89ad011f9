//! The operator against real beat trackers: commands take effect at once, and are learnt rather than fought.

use downbeat_analysis::Settings;
use downbeat_engine::listener::{Listener, Stretch, bus_fields};
use downbeat_engine::{Engine, EngineConfig, Tick};
use downbeat_protocol::{Action, Command, Event, HostTime, ShowTime, When};
use std::f64::consts::TAU;

const RATE: f64 = 48_000.0;
/// Samples handed over at once: a JACK block.
const BLOCK: usize = 128;

/// A daemon that hears a song, in virtual time.
struct Stage {
    listener: Listener,
    song: Vec<f32>,
    at: usize,
    /// The last tick.
    tick: Option<Tick>,
}

impl Stage {
    fn new(song: Vec<f32>) -> Self {
        let config = EngineConfig { buses: vec!["main".into()], fields: bus_fields(), ..EngineConfig::default() };
        let engine = Engine::new(&config, None).expect("builds");
        let listener = Listener::new(engine, 1, Settings::default()).expect("listens");
        Self { listener, song, at: 0, tick: None }
    }

    /// Plays on; the tempo that is told at each tick.
    fn run(&mut self, seconds: f64) -> Vec<f64> {
        let mut tempi = Vec::new();
        let end = (self.at + (seconds * RATE) as usize).min(self.song.len());
        while self.at < end {
            let until = end.min(self.at + BLOCK);
            let block = self.song[self.at..until].to_vec();
            let stretch = Stretch {
                channels: &[block.clone(), block],
                first_sample: self.at as u64,
                time: ShowTime::from_secs_f64(self.at as f64 / RATE),
                received: HostTime::ZERO,
            };
            let tick = &mut self.tick;
            self.listener.push(
                stretch,
                &mut Vec::new(),
                |time| time,
                |now, _| {
                    tempi.push(now.timeline.tempo);
                    *tick = Some(now);
                },
            );
            self.at = until;
        }
        tempi
    }

    fn ask(&mut self, what: Action) {
        let mut events = Vec::new();
        let now = ShowTime::from_secs_f64(self.at as f64 / RATE);
        let command = Command { what, when: When::Now, from: String::new() };
        self.listener.engine().command(command, now, &mut events);
        assert!(!events.iter().any(|event| matches!(event, Event::Refused { .. })), "{events:?}");
    }

    fn tempo(&mut self) -> f64 {
        self.listener.engine().timeline().tempo
    }

    /// How far the told beat is from the nearest of a song that begins at 0.5 s, in beats of the song.
    fn away(&mut self, bpm: f64) -> f64 {
        let now = ShowTime::from_secs_f64(self.at as f64 / RATE);
        let line = *self.listener.engine().timeline();
        let told = line.time_of(downbeat_protocol::Beats::whole(line.beats_at(now).round())).as_secs_f64();
        let beats = (told - 0.5) * bpm / 60.0;
        beats - beats.round()
    }
}

/// Kicks on the beats and hats between them.
fn floor(bpm: f64, seconds: f64) -> Vec<f32> {
    let beat = 60.0 / bpm;
    let mut noise = 1u32;
    let sample = |k: usize| {
        let t = k as f64 / RATE - 0.5;
        if t < 0.0 {
            return 0.0;
        }
        let kick = t % beat;
        let hat = (t + 0.5 * beat) % beat;
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(noise) / f64::from(u32::MAX) - 0.5;
        let low = (TAU * (50.0 * kick + 3.3 * (1.0 - (-kick / 0.03).exp()))).sin();
        (0.7 * (-kick / 0.08).exp() * low + 0.2 * (-hat / 0.02).exp() * hiss) as f32
    };
    (0..(seconds * RATE) as usize).map(sample).collect()
}

fn is_near(tempo: f64, wanted: f64) -> bool {
    // While a difference is slewed away, up to 2 % more or less are told.
    (tempo / wanted - 1.0).abs() < 0.035
}

#[test]
fn half_the_tempo_is_told_within_a_beat_and_the_tracker_never_takes_it_back() {
    let mut stage = Stage::new(floor(128.0, 40.0));
    stage.run(8.0);
    assert!(is_near(stage.tempo(), 128.0), "{}", stage.tempo());
    stage.ask(Action::Halve);
    stage.run(60.0 / 128.0);
    let later = stage.run(30.0);
    assert!(
        later.iter().all(|tempo| is_near(*tempo, 64.0)),
        "{:?}",
        later.iter().find(|tempo| !is_near(**tempo, 64.0))
    );
    assert!(stage.away(128.0).abs() < 0.06, "{} beats off", stage.away(128.0));
    assert!(stage.tick.as_ref().is_some_and(|tick| tick.beating));
}

#[test]
fn twice_the_tempo_holds_even_where_no_tracker_can_follow() {
    let mut stage = Stage::new(floor(128.0, 30.0));
    stage.run(8.0);
    stage.ask(Action::Double);
    stage.run(60.0 / 128.0);
    let later = stage.run(20.0);
    assert!(
        later.iter().all(|tempo| is_near(*tempo, 256.0)),
        "{:?}",
        later.iter().find(|tempo| !is_near(**tempo, 256.0))
    );
}

#[test]
fn a_locked_range_is_kept_to_within_a_beat_and_opened_again() {
    let mut stage = Stage::new(floor(140.0, 40.0));
    stage.run(8.0);
    stage.ask(Action::TempoHigh(90.0));
    assert!(is_near(stage.tempo(), 140.0), "an open range changes nothing");
    stage.ask(Action::TempoLock(true));
    stage.run(60.0 / 140.0);
    let later = stage.run(10.0);
    assert!(
        later.iter().all(|tempo| is_near(*tempo, 70.0)),
        "{:?}",
        later.iter().find(|tempo| !is_near(**tempo, 70.0))
    );
    stage.ask(Action::TempoLock(false));
    stage.ask(Action::Listen);
    stage.run(12.0);
    assert!(is_near(stage.tempo(), 140.0), "{}", stage.tempo());
}

#[test]
fn listening_anew_finds_the_beat_again_from_wherever_it_was_taken() {
    let mut stage = Stage::new(floor(126.0, 30.0));
    stage.run(8.0);
    stage.ask(Action::Halve);
    stage.ask(Action::Nudge(180.0));
    stage.run(1.0);
    stage.ask(Action::Listen);
    stage.run(0.05);
    assert!(stage.tick.as_ref().is_some_and(|tick| !tick.beating), "no beat is played while none is known");
    stage.run(10.0);
    assert!(is_near(stage.tempo(), 126.0), "{}", stage.tempo());
    assert!(stage.away(126.0).abs() < 0.06, "{} beats off", stage.away(126.0));
    assert!(stage.tick.as_ref().is_some_and(|tick| tick.beating));
}

#[test]
fn taps_between_the_beats_turn_the_beat_round_and_it_stays_there() {
    let beat = 60.0 / 120.0;
    let mut stage = Stage::new(floor(120.0, 40.0));
    stage.run(8.25);
    for _ in 0..5 {
        stage.run(beat);
        // The song's beats are at 0.5 s and every 0.5 s from there on: this lies between two.
        stage.ask(Action::Tap);
    }
    stage.run(15.0);
    assert!(is_near(stage.tempo(), 120.0), "{}", stage.tempo());
    assert!((stage.away(120.0).abs() - 0.5).abs() < 0.1, "{} beats off", stage.away(120.0));
}

#[test]
fn the_one_stays_where_the_operator_has_put_it() {
    let mut stage = Stage::new(floor(120.0, 40.0));
    stage.run(10.1);
    stage.ask(Action::TheOne);
    let line = *stage.listener.engine().timeline();
    let one = line.time_of(line.bar_origin).as_secs_f64();
    stage.run(25.0);
    let line = *stage.listener.engine().timeline();
    let bars = (line.beats_at(ShowTime::from_secs_f64(one)) - line.bar_origin).as_f64() / 4.0;
    assert!((bars - bars.round()).abs() < 0.03, "{bars} bars from the one");
}
