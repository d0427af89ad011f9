//! Where the beat is.
//!
//! The tracker runs on ticks of its own, 100 a second of audio, whatever the hop and the sample rate. At each tick the
//! [`Listener`] says what begins, the [`Pointer`] weighs every tempo and phase, the [`Flywheel`] turns that into an even
//! beat, [`Contrast`] says how surely there is one, and [`Bar`] guesses the downbeat. The [`Gate`] says whether there is
//! music.

mod bar;
mod contrast;
mod flywheel;
mod gate;
mod listener;
mod pointer;

use crate::frame::Frame;
use crate::{Pulse, Settings, State};
use bar::Bar;
use contrast::Contrast;
use flywheel::Flywheel;
use gate::Gate;
use listener::Listener;
use pointer::Pointer;

/// Ticks a second.
const RATE: f64 = 100.0;
/// How long after the beginning of a stroke its centre is heard above the split: nearly half of the window that the
/// listener looks through. Measured, see `tests/tempo.rs`: 15 ms for drums with a hard attack, up to 25 ms for soft ones.
const DELAY_SECONDS: f64 = 0.021;
/// How much of what begins below the split says where in the beat window the onsets are. Little: a kick drum's low end
/// comes up to 30 ms after its attack, while its pitch falls, and the attack is what is felt as the beat.
const LOW_PLACES: f32 = 0.1;

/// Tracks the beat of one bus.
pub(crate) struct Tracker {
    listener: Listener,
    pointer: Pointer,
    flywheel: Flywheel,
    contrast: Contrast,
    bar: Bar,
    gate: Gate,
    /// Samples heard, and how many there will be at the next tick.
    heard: u64,
    next: u64,
    ticks: u64,
    samples_a_tick: f64,
}

impl Tracker {
    pub fn new(settings: &Settings) -> Self {
        let listener = Listener::new(settings.sample_rate, 1.0 / RATE);
        let (bands, tonal) = (listener.timbre().len(), listener.tonal());
        let mut tracker = Self {
            listener,
            pointer: Pointer::new(RATE, settings.tempo_range),
            flywheel: Flywheel::new(RATE, settings.tempo_range),
            contrast: Contrast::new(1.0 / RATE),
            bar: Bar::new(bands, tonal),
            gate: Gate::new(settings),
            heard: 0,
            next: 0,
            ticks: 0,
            samples_a_tick: settings.sample_rate / RATE,
        };
        tracker.schedule();
        tracker
    }

    /// Hears a hop. Realtime-safe: yes.
    pub fn hear(&mut self, frame: &Frame) {
        let mut rest = frame.mono();
        while !rest.is_empty() {
            let wanted = (self.next - self.heard) as usize;
            let (now, later) = rest.split_at(wanted.min(rest.len()));
            self.listener.slide(now);
            self.heard += now.len() as u64;
            if self.heard == self.next {
                self.tick();
                self.schedule();
            }
            rest = later;
        }
        self.gate.hear(frame);
    }

    /// Where the next tick is: counted from the start, so that rates that 100 does not divide do not drift.
    fn schedule(&mut self) {
        self.ticks += 1;
        self.next = (self.ticks as f64 * self.samples_a_tick) as u64;
    }

    fn tick(&mut self) {
        let activation = self.listener.tick();
        self.gate.feel(activation.drive);
        let now = self.now();
        let estimate = self.pointer.tick(activation.beat);
        let place = (activation.high + LOW_PLACES * activation.low) / (1.0 + LOW_PLACES);
        if self.flywheel.hear(now, estimate, place) {
            self.contrast.reset();
            self.bar.doubt();
        }
        let (phase, last) = self.flywheel.last(now);
        self.contrast.hear(activation.beat, phase);
        self.bar.hear(self.listener.timbre(), activation.low, activation.high, phase, last);
    }

    /// The time in ticks, as the listener hears it: the delay is left in.
    fn now(&self) -> f64 {
        self.heard as f64 / self.samples_a_tick
    }

    /// What is believed now.
    pub fn pulse(&self) -> Pulse {
        let state = self.gate.state();
        let delay = DELAY_SECONDS * RATE;
        let (beat, count) = self.flywheel.nearest(self.now() + delay);
        let audible = matches!(state, State::Playing | State::Breakdown);
        Pulse {
            state,
            tempo: 60.0 * RATE / self.flywheel.period(),
            confidence: if audible { self.contrast.confidence() } else { 0.0 },
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
