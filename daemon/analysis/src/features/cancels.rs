//! Whether left and right cancel each other.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::{Field, Polarity};

/// 1 while one side is reversed, so that a sum to mono loses the middle of the mix. All other features use the
/// difference meanwhile.
pub(super) const ENTRY: Entry = Entry { fields: &[Field::ratio("cancels")], build: |_| Box::new(Cancels) };

struct Cancels;

impl Feature for Cancels {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        values[0] = if frame.polarity() == Polarity::Reversed { 1.0 } else { 0.0 };
    }
}
