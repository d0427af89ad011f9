//! The curves for onset detection.

use super::{Entry, Feature};
use crate::Field;
use crate::frame::{Frame, Region};

/// Onset strength: in the whole spectrum, below 180 Hz, from there to 2 kHz, and above. 1 is the strongest of the last
/// seconds.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("onset-strength.full"),
        Field::ratio("onset-strength.low"),
        Field::ratio("onset-strength.mid"),
        Field::ratio("onset-strength.high"),
    ],
    build: |_| Box::new(OnsetStrength),
};

struct OnsetStrength;

impl Feature for OnsetStrength {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        for (value, region) in values.iter_mut().zip(Region::ALL) {
            *value = frame.strengths().of(region);
        }
    }
}
