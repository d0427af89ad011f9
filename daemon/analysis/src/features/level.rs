//! How loud the music is for this evening.

use super::loudness::{FLOOR_LUFS, lufs, momentary};
use super::{Entry, Feature};
use crate::Field;
use crate::frame::Frame;
use crate::leveller::Leveller;
use crate::span::Span;

/// Momentary loudness as an amplitude, relative to the loudest of the last minute and a half: 1 in a drop, about a
/// half in a breakdown that is 6 LU quieter, 0 in silence.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::ratio("level")],
    build: |settings| Box::new(Level { momentary: momentary(settings), leveller: Leveller::new(START_LUFS, settings) }),
};

/// What is taken for loud before anything has been heard.
const START_LUFS: f32 = -24.0;
/// What is quieter than this is not scaled up.
const LEAST_LUFS: f32 = -50.0;

struct Level {
    momentary: Span,
    leveller: Leveller,
}

impl Feature for Level {
    fn hear(&mut self, frame: &Frame, values: &mut [f32]) {
        let loudness = lufs(self.momentary.mean(frame.weighted()));
        let level = self.leveller.ratio(loudness, LEAST_LUFS);
        values[0] = if loudness > FLOOR_LUFS { level } else { 0.0 };
    }
}
