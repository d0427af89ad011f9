//! The arbiter in virtual time, with a tracker that is always right unless the test says otherwise.

mod anything;
mod coasting;
mod confidences;
mod following;
mod levels;
mod requests;
mod standing_by;
mod taps;

use super::*;
use downbeat_protocol::Beats;
use downbeat_protocol::state::TempoRange;

const HOP: i64 = 5_333_333;

/// A arbiter, the music that plays, and the time.
struct Stage {
    arbiter: Arbiter,
    now: ShowTime,
    /// The music's own beats.
    music: Timeline,
    heard: BusBeat,
    signal: bool,
    hold: bool,
    said: Vec<String>,
}

impl Stage {
    fn new(tempo: f64) -> Self {
        let heard = BusBeat {
            state: MusicState::Playing,
            music_at: ShowTime::ZERO,
            tempo,
            confidence: 0.9,
            level_confidence: 0.8,
            phase_confidence: 0.7,
            beat: ShowTime::ZERO,
            beats_per_bar: 4,
            beat_in_bar: 0,
            bar_confidence: 0.0,
        };
        Self {
            arbiter: Arbiter::new(&[Role::Main], &[], &TempoConfig::default()),
            now: ShowTime::ZERO,
            music: Timeline { tempo, time_origin: ShowTime::from_secs_f64(0.123), ..Timeline::default() },
            heard,
            signal: true,
            hold: false,
            said: Vec::new(),
        }
    }

    /// A stage on which the music has played for a while.
    fn playing(tempo: f64) -> Self {
        let mut stage = Self::new(tempo);
        stage.run(5.0);
        stage.said.clear();
        stage
    }

    fn hop(&mut self) {
        self.now = self.now.offset(HOP);
        let beat = self.music.beats_at(self.now).round();
        self.heard.music_at = if self.heard.state.is_music() { self.now } else { self.heard.music_at };
        self.heard.tempo = self.music.tempo;
        self.heard.beat = self.music.time_of(Beats::whole(beat));
        self.heard.beats_per_bar = self.music.beats_per_bar;
        self.heard.beat_in_bar = self.music.beat_in_bar(beat);
        self.arbiter.observe(0, self.signal.then_some(self.heard));
        self.said.extend(self.arbiter.advance(self.now, self.hold));
    }

    fn run(&mut self, seconds: f64) {
        (0..(seconds * 1e9) as i64 / HOP).for_each(|_| self.hop());
    }

    fn obey(&mut self, request: Request) {
        self.arbiter.obey(request, self.now).expect("possible");
    }

    fn tap(&mut self, times: usize, interval_s: f64) {
        for tap in 0..times {
            if tap > 0 {
                self.run(interval_s);
            }
            self.obey(Request::Tap(self.now));
        }
    }

    /// The tracker goes over to a multiple of the tempo, from a place `beats` beside the told beat on.
    fn follow(&mut self, factor: f64, beats: f64) {
        let (music, told) = (self.music, *self.arbiter.told());
        let beat = Beats::whole(told.beats_at(self.now).round()) + Beats::from_f64(beats);
        self.music = Timeline {
            tempo: music.tempo * factor,
            time_origin: told.time_of(beat),
            beat_origin: Beats::ZERO,
            ..music
        };
    }

    /// What the trackers were told since the last call.
    fn advice(&mut self) -> Vec<Advice> {
        self.arbiter.advice().map(|(_, advice)| advice).collect()
    }

    fn lock(&mut self, low: f64, high: f64, locked: bool) {
        let range = TempoRange { low, high, locked };
        self.said.extend(self.arbiter.apply(&Change::TempoRange(range), self.now).map(String::from));
    }

    /// How far the told beat is from the music's, in milliseconds.
    fn error_ms(&self) -> f64 {
        self.error_to(&self.music, 0.0)
    }

    /// How far the told beat is from that of `line`, whose beats are counted as shifted by a part of a beat.
    fn error_to(&self, line: &Timeline, shift: f64) -> f64 {
        let told = self.arbiter.told();
        let music = line.beats_at(self.now).as_f64() + shift;
        let away = told.beats_at(self.now).as_f64() - music;
        (away - away.round()) * told.beat_ns() * 1e-6
    }
}
