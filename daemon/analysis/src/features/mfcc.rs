//! Timbre as in speech recognition.

use super::{Entry, Feature};
use crate::frame::{Frame, MEL};
use crate::leveller::decibels;
use crate::{Field, Unit};
use std::f32::consts::PI;

/// Thirteen mel-frequency cepstral coefficients, after S. Davis and P. Mermelstein, 1980: the cosine transform of the
/// mel spectrum in decibels. The coefficient for the level is omitted, so the first is the balance of low and high.
/// Bands count down to 60 dB below the loudest, so every coefficient is within ±1; zeros in silence.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field { name: "mfcc", len: COEFFICIENTS, unit: Unit::Ratio, range: (-1.0, 1.0) }],
    build: |_| Box::new(Mfcc::new()),
};

const COEFFICIENTS: usize = 13;
/// How far below the loudest band others count.
const RANGE_DB: f32 = 60.0;
/// The maximum of a coefficient before scaling, in decibels: with each band full or empty.
const MOST_DB: f32 = 2.0 / PI * RANGE_DB * 1.05;
/// A loudest band below this is silence.
const SILENCE_DB: f32 = -90.0;

struct Mfcc {
    cosines: [[f32; MEL]; COEFFICIENTS],
}

impl Mfcc {
    fn new() -> Self {
        let cosine = |k: usize, band: usize| ((k + 1) as f32 * (band as f32 + 0.5) * PI / MEL as f32).cos();
        let scale = 2.0 / MEL as f32 / MOST_DB;
        Self { cosines: std::array::from_fn(|k| std::array::from_fn(|band| scale * cosine(k, band))) }
    }
}

impl Feature for Mfcc {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let levels = frame.mel().map(decibels);
        let loudest = levels.iter().copied().fold(f32::MIN, f32::max);
        if loudest < SILENCE_DB {
            values.fill(0.0);
            return;
        }
        let levels = levels.map(|level| (level - loudest).max(-RANGE_DB));
        for (value, cosines) in values.iter_mut().zip(&self.cosines) {
            let sum: f32 = levels.iter().zip(cosines).map(|(level, cosine)| level * cosine).sum();
            *value = sum.clamp(-1.0, 1.0);
        }
    }
}
