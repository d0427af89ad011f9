//! Beats and bars from the pulse, or half seconds without one.

use crate::{Pulse, Settings};

/// The start of a beat.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// Its number in the bar, from 0.
    pub beat: u8,
    /// Beats in its bar.
    pub beats: u8,
    /// The confidence in the start of bars, 0 to 1; 0 without a beat.
    pub bar_confidence: f32,
    /// Whether it is a detected beat rather than half a second.
    pub sure: bool,
    /// Seconds since the step before.
    pub seconds: f32,
}

/// Counts steps.
pub(super) struct Grid {
    rate: f64,
    /// The time of the last step, in samples.
    last: f64,
    now: f64,
    step: Step,
    /// The distance from the nearest beat to now, in beats, and its number.
    offset: f32,
    nearest: u8,
}

/// A step without a beat, in seconds.
const BLIND_SECONDS: f64 = 0.5;

impl Grid {
    pub fn new(settings: &Settings) -> Self {
        let step = Step { beat: 3, beats: 4, ..Step::default() };
        Self { rate: settings.sample_rate, last: 0.0, now: 0.0, step, offset: 0.0, nearest: 0 }
    }

    /// Takes the pulse of a hop that ends at `now` samples; returns a beat if one has started in it.
    pub fn process(&mut self, now: f64, pulse: &Pulse) -> Option<Step> {
        self.now = now;
        let sure = pulse.is_beating();
        let period = if sure { 60.0 / pulse.tempo * self.rate } else { BLIND_SECONDS * self.rate };
        let beats = if sure { pulse.beats_per_bar.max(1) } else { 4 };
        let (at, beat) = if sure {
            self.offset = ((now - pulse.beat) / period) as f32;
            self.nearest = pulse.beat_in_bar;
            (pulse.beat, pulse.beat_in_bar)
        } else {
            self.offset = ((now - self.last) / period) as f32;
            self.nearest = self.step.beat;
            (self.last + period, (self.step.beat + 1) % beats)
        };
        // At least half a period apart, so that a corrected beat is not counted twice.
        if at > now || at < self.last + 0.5 * period {
            return None;
        }
        self.step = Step {
            beat,
            beats,
            bar_confidence: if sure { pulse.bar_confidence } else { 0.0 },
            sure,
            seconds: ((at - self.last) / self.rate) as f32,
        };
        self.last = at;
        Some(self.step)
    }

    /// The current step.
    pub fn step(&self) -> Step {
        self.step
    }

    /// The distance from now to the nearest beat, in beats, and whether that is a downbeat.
    pub fn offset(&self) -> (f32, bool) {
        (self.offset, self.nearest == 0)
    }
}
