//! The sample peak, for meters.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::{Field, Settings};

/// The greatest absolute sample of either side; falls by 20 dB in 1.5 s, so that slow meters miss none.
pub(super) const ENTRY: Entry =
    Entry { fields: &[Field::ratio("peak")], build: |settings| Box::new(Peak::new(settings)) };

struct Peak {
    held: f32,
    fall: f32,
}

/// Decibels by which the peak falls in a second.
const FALL_DB: f64 = 20.0 / 1.5;

impl Peak {
    fn new(settings: &Settings) -> Self {
        Self { held: 0.0, fall: 10f64.powf(-FALL_DB * settings.hop_seconds() / 20.0) as f32 }
    }
}

impl Feature for Peak {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let now = frame.sides().into_iter().flatten().fold(0.0f32, |peak, x| peak.max(x.abs()));
        self.held *= self.fall;
        // Below -120 dB there is nothing to show, and the fall would end in slow denormal numbers.
        self.held = now.max(if self.held < 1e-6 { 0.0 } else { self.held });
        values[0] = self.held;
    }
}
