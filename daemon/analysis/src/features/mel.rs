//! The mel spectrum: 32 bands, evenly spaced for the ear.

use super::bands::LevelledBands;
use super::{Entry, Feature};
use crate::frame::{Frame, MEL};
use crate::{Field, Unit};

/// The amplitude in each of 32 mel bands from 30 Hz to 16 kHz, relative to the loudest of the last minute and a half in
/// that band.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field { name: "mel", len: MEL, unit: Unit::Ratio, range: (0.0, 1.0) }],
    build: |settings| Box::new(Mel(LevelledBands::new(MEL, settings))),
};

struct Mel(LevelledBands);

impl Feature for Mel {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        values.copy_from_slice(frame.mel());
        self.0.level(values);
    }

    fn freeze_levels(&mut self, frozen: bool) {
        self.0.freeze(frozen);
    }
}
