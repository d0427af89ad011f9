//! Another clock beside the audio: it leads by its priority, and the audio continues where it stops.

use downbeat_engine::{
    BarPlace, BusBeat, ClockConfig, Confidences, Engine, EngineConfig, Lead, MusicState, Reference, Source,
};
use downbeat_protocol::{Action, Beats, Command, Event, HostTime, ShowTime, Timeline, When};

const HOP: i64 = 5_333_333;
/// How often the desk says where it is: not at every hop, and not on its beats.
const SAYS_EVERY: i64 = 15;

/// A desk's clock as an input at the edge would keep it: it counts bars, and says where it is until its cable is
/// pulled.
struct Desk {
    line: Timeline,
    hops: i64,
    plugged: bool,
}

impl Desk {
    fn new(tempo: f64) -> Self {
        let line = Timeline { tempo, time_origin: ShowTime(371_000_000), ..Timeline::default() };
        Self { line, hops: 0, plugged: true }
    }

    /// What it says at this moment, if it does.
    fn hop(&mut self, now: ShowTime) -> Option<Reference> {
        self.hops += 1;
        if !self.plugged || self.hops % SAYS_EVERY != 0 {
            return None;
        }
        let beats = self.line.beats_at(now);
        let beat = beats.floor();
        let place = BarPlace {
            beats_per_bar: self.line.beats_per_bar,
            beat_in_bar: self.line.beat_in_bar(beat),
            bar_in_phrase: Some((beat.div_euclid(4).rem_euclid(4)) as u8),
        };
        Some(Reference {
            source: Source::Clock(0),
            moment: now,
            tempo: self.line.tempo,
            beat_phase: beats.phase(Beats::ONE),
            bar: Some(place),
            sure: Confidences::SURE,
        })
    }
}

/// An engine with one bus and one desk.
struct Stage {
    engine: Engine,
    desk: Desk,
    /// Where the beat tracker of the bus has the beat, while there is music.
    music: Option<Timeline>,
    now: ShowTime,
    /// Why the timeline changed.
    said: Vec<String>,
    /// The largest step of the beat count beyond what the tempo makes of a hop, in beats.
    largest_step: f64,
}

impl Stage {
    fn new(priority: i8, desk: f64, music: Option<Timeline>) -> Self {
        let clocks = vec![ClockConfig { name: "desk".into(), priority }];
        let config = EngineConfig { buses: vec!["main".into()], clocks, ..EngineConfig::default() };
        let engine = Engine::new(&config, None).expect("builds");
        Self { engine, desk: Desk::new(desk), music, now: ShowTime::ZERO, said: Vec::new(), largest_step: 0.0 }
    }

    fn run(&mut self, seconds: f64) {
        let end = self.now.offset((seconds * 1e9) as i64);
        self.largest_step = 0.0;
        while self.now < end {
            self.hop();
        }
    }

    fn hop(&mut self) {
        let before = *self.engine.timeline();
        self.now = self.now.offset(HOP);
        self.engine.observe(0, &[], self.music.map(|line| heard(&line, self.now)));
        if let Some(reference) = self.desk.hop(self.now) {
            self.engine.refer(reference);
        }
        let mut events = Vec::new();
        let tick = self.engine.tick(self.now, self.now, HostTime::ZERO, &mut events);
        let step = (tick.timeline.beats_at(self.now) - before.beats_at(self.now)).as_f64();
        self.largest_step = self.largest_step.max(step.abs());
        self.said.extend(events.into_iter().filter_map(|event| match event {
            Event::Timeline { why, .. } => Some(why),
            _ => None,
        }));
    }

    fn command(&mut self, what: Action) {
        let command = Command { what, when: When::Now, from: "test".into() };
        self.engine.command(command, self.now, &mut Vec::new());
    }

    /// How far the told beat is from that of `line`, in milliseconds.
    fn error_ms(&self, line: &Timeline) -> f64 {
        let away = (self.engine.timeline().beats_at(self.now) - line.beats_at(self.now)).as_f64();
        (away - away.round()) * line.beat_ns() * 1e-6
    }
}

/// What a beat tracker believes that is sure of this line.
fn heard(line: &Timeline, now: ShowTime) -> BusBeat {
    let beat = line.beats_at(now).round();
    BusBeat {
        state: MusicState::Playing,
        music_at: now,
        tempo: line.tempo,
        confidence: 0.9,
        level_confidence: 0.8,
        phase_confidence: 0.7,
        beat: line.time_of(Beats::whole(beat)),
        beats_per_bar: line.beats_per_bar,
        beat_in_bar: line.beat_in_bar(beat),
        bar_confidence: 0.3,
    }
}

/// Music that a tracker hears a little after the desk's beats.
fn behind(desk: &Desk, ms: i64) -> Timeline {
    Timeline { time_origin: desk.line.time_origin.offset(ms * 1_000_000), ..desk.line }
}

#[test]
fn a_clock_of_a_higher_priority_leads_with_beat_bar_and_phrase() {
    let music = Timeline { tempo: 97.0, ..Timeline::default() };
    let mut stage = Stage::new(1, 128.0, Some(music));
    stage.run(8.0);
    assert_eq!((stage.engine.lead(), stage.engine.leader()), (Lead::Clock, "desk"));
    assert_eq!(stage.engine.timeline().tempo, 128.0);
    assert!(stage.error_ms(&stage.desk.line).abs() < 1.0, "{} ms", stage.error_ms(&stage.desk.line));
    let phrase = stage.engine.timeline().phrase_phase(stage.now) - stage.desk.line.phrase_phase(stage.now);
    assert!(phrase.abs() < 0.001, "the phrase is off by {phrase}");
    assert!(stage.said.contains(&"desk: new tempo".to_owned()), "{:?}", stage.said);
    let lock = stage.engine.lock();
    assert_eq!((lock.locked, lock.why), (true, "set by another clock"));
}

#[test]
fn a_clock_that_appears_over_music_is_taken_when_it_stays() {
    let music = Timeline { tempo: 97.0, ..Timeline::default() };
    let mut stage = Stage::new(1, 128.0, Some(music));
    stage.desk.plugged = false;
    stage.run(5.0);
    assert_eq!(stage.engine.leader(), "audio");
    stage.desk.plugged = true;
    stage.run(1.0);
    assert_eq!(stage.engine.leader(), "audio", "not for a moment");
    stage.run(8.0);
    assert_eq!((stage.engine.leader(), stage.engine.timeline().tempo), ("desk", 128.0));
    assert_eq!(stage.said, ["audio: beat found", "desk: new tempo", "desk: downbeat"]);
}

#[test]
fn a_clock_that_says_nothing_more_is_lost_and_what_is_heard_goes_on_without_a_jump() {
    let mut stage = Stage::new(1, 128.0, None);
    stage.music = Some(behind(&stage.desk, 12));
    stage.run(10.0);
    assert_eq!(stage.engine.lead(), Lead::Clock);
    stage.said.clear();
    stage.desk.plugged = false;
    stage.run(12.0);
    assert_eq!(stage.engine.lead(), Lead::Audio);
    assert!(stage.largest_step < 0.001, "a step of {} beats", stage.largest_step);
    let music = stage.music.expect("music");
    assert!(stage.error_ms(&music).abs() < 3.0, "{} ms from what is heard", stage.error_ms(&music));
    assert!(stage.said.is_empty(), "{:?}", stage.said);
}

#[test]
fn a_clock_that_is_known_to_be_lost_is_left_at_once() {
    let mut stage = Stage::new(1, 128.0, None);
    stage.music = Some(behind(&stage.desk, 12));
    stage.run(10.0);
    stage.desk.plugged = false;
    stage.engine.lose(Source::Clock(0));
    stage.hop();
    assert_eq!(stage.engine.lead(), Lead::Audio);
}

#[test]
fn a_clock_beats_in_silence_and_stops_when_it_is_lost() {
    let mut stage = Stage::new(1, 128.0, None);
    let beating = |stage: &mut Stage| {
        stage.run(1.0);
        stage.engine.tick(stage.now, stage.now, HostTime::ZERO, &mut Vec::new()).beating
    };
    assert!(beating(&mut stage));
    stage.desk.plugged = false;
    stage.run(2.0);
    assert!(!beating(&mut stage));
    assert_eq!((stage.engine.lead(), stage.engine.timeline().tempo), (Lead::Nobody, 128.0));
}

#[test]
fn a_new_song_does_not_move_the_beat_of_a_clock() {
    let mut stage = Stage::new(1, 128.0, None);
    stage.run(10.0);
    stage.said.clear();
    stage.music = Some(behind(&stage.desk, 200));
    stage.run(5.0);
    assert!(stage.largest_step < 0.001 && stage.said.is_empty(), "{} {:?}", stage.largest_step, stage.said);
}

#[test]
fn a_clock_of_a_lower_priority_leads_only_while_nothing_sure_is_heard() {
    let music = Timeline { tempo: 97.0, ..Timeline::default() };
    let mut stage = Stage::new(-1, 128.0, None);
    stage.run(5.0);
    assert_eq!(stage.engine.leader(), "desk");
    stage.music = Some(music);
    stage.run(5.0);
    assert_eq!(stage.engine.leader(), "audio");
    assert!(stage.error_ms(&music).abs() < 3.0);
}

#[test]
fn the_operator_stands_above_every_clock() {
    let mut stage = Stage::new(1, 128.0, None);
    stage.run(5.0);
    stage.command(Action::Nudge(20.0));
    stage.run(5.0);
    assert!((stage.error_ms(&stage.desk.line) + 20.0).abs() < 2.0, "{} ms", stage.error_ms(&stage.desk.line));
    stage.command(Action::Halve);
    stage.run(5.0);
    assert_eq!((stage.engine.lead(), stage.engine.timeline().tempo), (Lead::Clock, 64.0));
    stage.command(Action::Tempo(100.0));
    stage.run(5.0);
    assert_eq!((stage.engine.lead(), stage.engine.timeline().tempo), (Lead::Manual, 100.0));
}

#[test]
fn what_makes_no_sense_is_not_followed() {
    let mut desk = Desk::new(128.0);
    let sound = (1..).find_map(|hop| desk.hop(ShowTime(hop * HOP))).expect("said");
    let lost = Reference { moment: ShowTime(-10_000_000_000), ..sound };
    for wrong in [
        Reference { tempo: f64::NAN, ..sound },
        Reference { tempo: 0.0, ..sound },
        Reference { beat_phase: 1.5, ..sound },
        Reference { sure: Confidences { pulse: f32::INFINITY, ..sound.sure }, ..sound },
        Reference { source: Source::Bus(0), ..sound },
        Reference { source: Source::Clock(7), ..sound },
        lost,
    ] {
        let mut stage = Stage::new(1, 128.0, None);
        stage.desk.plugged = false;
        stage.engine.refer(wrong);
        stage.hop();
        assert_eq!(stage.engine.lead(), Lead::Nobody, "{wrong:?}");
    }
}
