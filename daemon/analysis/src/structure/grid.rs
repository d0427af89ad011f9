//! Beats and bars from the pulse, and half seconds where there is none.

use crate::{Pulse, Settings};

/// A beat has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// Which beat of its bar, from 0.
    pub beat: u8,
    /// Beats of its bar.
    pub beats: u8,
    /// How surely bars begin where they are said to, 0 to 1; 0 without a beat.
    pub bar_confidence: f32,
    /// Whether it is a heard beat and not half a second.
    pub sure: bool,
    /// Seconds since the step before.
    pub seconds: f32,
}

/// Counts steps.
pub(super) struct Grid {
    rate: f64,
    /// When the last step was, in samples.
    last: f64,
    now: f64,
    step: Step,
    /// From the nearest beat to now, in beats, and which one it is.
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

    /// Hears the pulse of a hop that ends at `now` samples, and says whether a beat has begun in it.
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
        // Half a period apart at least, so that a corrected beat is not counted twice.
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

    /// The step that is going on.
    pub fn step(&self) -> Step {
        self.step
    }

    /// How far now is from the nearest beat, in beats, and whether that is a downbeat.
    pub fn offset(&self) -> (f32, bool) {
        (self.offset, self.nearest == 0)
    }
}
