//! The rate of change of the sound.

use super::{Entry, Feature};
use crate::frame::{Frame, MEL};
use crate::{Field, Settings};

/// The share of the mel spectrum's amplitude that is new within 11 ms: near 0 in a held note, towards 1 when a sound
/// starts in silence.
pub(super) const ENTRY: Entry =
    Entry { fields: &[Field::ratio("flux")], build: |settings| Box::new(Flux::new(settings)) };

struct Flux {
    past: Vec<[f32; MEL]>,
    at: usize,
}

const LAG_SECONDS: f64 = 0.011;
/// A sum of amplitudes below this is silence.
const SILENCE: f32 = 1e-4;

impl Flux {
    fn new(settings: &Settings) -> Self {
        Self { past: vec![[0.0; MEL]; settings.hops(LAG_SECONDS)], at: 0 }
    }
}

impl Feature for Flux {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let now = frame.mel().map(f32::sqrt);
        let before = std::mem::replace(&mut self.past[self.at], now);
        self.at = (self.at + 1) % self.past.len();
        let total: f32 = now.iter().sum();
        let new: f32 = now.iter().zip(&before).map(|(now, before)| (now - before).max(0.0)).sum();
        values[0] = if total > SILENCE { new / total } else { 0.0 };
    }
}
