//! Where the beat is.
//!
//! The tracker runs on the ticks of the trained ear, 100 a second of audio, whatever the hop and the sample rate. At each
//! tick the [`Pointer`] weighs every tempo and phase by what the ear says, the [`Flywheel`] turns that into an even beat,
//! [`Contrast`] says how surely there is one, and [`Bar`] finds the downbeat. The [`Gate`] says whether there is music.
//! What the operator has said is in [`Taught`].

mod bar;
mod contrast;
mod flywheel;
mod gate;
mod pointer;
mod teaching;

use crate::frame::Frame;
use crate::rhythm::{LATE_SECONDS, RATE, Rhythm, Tick};
use crate::{Pulse, Settings, State};
use bar::Bar;
use contrast::Contrast;
use flywheel::Flywheel;
use gate::Gate;
use pointer::Pointer;
use teaching::Taught;

/// Tracks the beat of one bus.
pub(crate) struct Tracker {
    /// How likely there is no tempo at all.
    none: f32,
    pointer: Pointer,
    flywheel: Flywheel,
    contrast: Contrast,
    bar: Bar,
    gate: Gate,
    taught: Taught,
    /// Samples heard.
    heard: u64,
    samples_a_tick: f64,
}

impl Tracker {
    pub fn new(settings: &Settings) -> Self {
        Self {
            none: 1.0,
            pointer: Pointer::new(RATE, settings.tempo_range),
            flywheel: Flywheel::new(RATE, settings.tempo_range),
            contrast: Contrast::new(1.0 / RATE),
            bar: Bar::new(),
            gate: Gate::new(settings),
            taught: Taught::new(settings.tempo_range),
            heard: 0,
            samples_a_tick: settings.sample_rate / RATE,
        }
    }

    /// Hears a hop. Realtime-safe: yes.
    pub fn hear(&mut self, frame: &Frame) {
        self.heard += frame.mono().len() as u64;
        for tick in frame.ear().ticks() {
            self.tick(tick, frame.ear().rhythm());
        }
        self.gate.hear(frame);
        self.forget_after_silence(frame.mono().len());
    }

    fn tick(&mut self, tick: &Tick, rhythm: &Rhythm) {
        let (now, marks) = (tick.number as f64, tick.marks);
        self.gate.feel(tick.drive);
        let estimate = self.pointer.tick(marks.beat, &rhythm.tempi);
        if self.flywheel.hear(now, estimate, marks.beat) {
            self.contrast.reset();
            self.bar.doubt();
        }
        let (phase, last) = self.flywheel.last(now);
        self.contrast.hear(marks.beat, phase, self.flywheel.period());
        self.bar.hear(marks.beat, marks.downbeat, marks.onset, phase, last);
        self.none = rhythm.none;
    }

    /// The time in ticks, as the ear hears it: its delay is left in.
    fn now(&self) -> f64 {
        self.heard as f64 / self.samples_a_tick
    }

    /// What is believed now.
    pub fn pulse(&self) -> Pulse {
        let state = self.gate.state();
        let delay = LATE_SECONDS * RATE;
        let (beat, count) = self.flywheel.nearest(self.now() + delay);
        let audible = matches!(state, State::Playing | State::Breakdown);
        Pulse {
            state,
            tempo: 60.0 * RATE / self.flywheel.period(),
            confidence: if audible { self.contrast.confidence(self.none) } else { 0.0 },
            beat: (beat - delay) * self.samples_a_tick,
            beats_per_bar: self.bar.beats(),
            beat_in_bar: self.bar.beat(count),
            bar_confidence: if audible { self.bar.confidence() } else { 0.0 },
            // `Structure` tells.
            phrase_bars: 8,
            bar_in_phrase: 0,
            phrase_confidence: 0.0,
        }
    }
}
