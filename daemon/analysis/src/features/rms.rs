//! The unscaled level of the signal.

use super::{Entry, Feature};
use crate::Field;
use crate::frame::Frame;
use crate::span::Span;

/// The root mean square of both sides over the last 50 ms, enough for a low note.
pub(super) const ENTRY: Entry =
    Entry { fields: &[Field::ratio("rms")], build: |settings| Box::new(Rms(Span::new(0.05, settings))) };

struct Rms(Span);

impl Feature for Rms {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let squares = |side: &[f32]| side.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / side.len() as f64;
        let [left, right] = frame.sides().map(squares);
        values[0] = self.0.mean((left + right) / 2.0).sqrt() as f32;
    }
}
