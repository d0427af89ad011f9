//! The level relative to the evening, and to the moment.

use super::loudness::{FLOOR_LUFS, lufs, momentary};
use super::{Entry, Feature};
use crate::frame::Frame;
use crate::leveller::Leveller;
use crate::span::Span;
use crate::swing::Swing;
use crate::{Field, Settings};

/// Loudness as an amplitude, twice. `level`: momentary loudness relative to the loudest of the last minute and a half:
/// 1 in a drop, about a half in a breakdown that is 6 LU quieter, 0 in silence. `level-short`: the loudness of the last
/// 0.1 s between the minimum and maximum of the last eight seconds, so that a quiet breakdown also moves from 0 to 1.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::ratio("level"), Field::ratio("level-short")],
    build: |settings| Box::new(Level::new(settings)),
};

/// The initial reference.
const START_LUFS: f32 = -24.0;
/// Quieter levels are not scaled up.
const LEAST_LUFS: f32 = -50.0;
/// The window of the short view: a beat at 200 BPM lasts three times as long.
const SHORT_SECONDS: f64 = 0.1;

struct Level {
    momentary: Span,
    leveller: Leveller,
    short: Span,
    swing: Swing,
}

impl Level {
    fn new(settings: &Settings) -> Self {
        Self {
            momentary: momentary(settings),
            leveller: Leveller::new(START_LUFS, settings),
            short: Span::new(SHORT_SECONDS, settings),
            swing: Swing::new(settings),
        }
    }
}

impl Feature for Level {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let loudness = lufs(self.momentary.mean(frame.weighted()));
        let level = self.leveller.ratio(loudness, LEAST_LUFS);
        values[0] = if loudness > FLOOR_LUFS { level } else { 0.0 };
        let short = lufs(self.short.mean(frame.weighted()));
        let amplitude = 10f32.powf((short - self.leveller.reference_db().max(LEAST_LUFS)) / 20.0);
        values[1] = self.swing.ratio(if short > FLOOR_LUFS { amplitude } else { 0.0 });
    }

    fn freeze_levels(&mut self, frozen: bool) {
        self.leveller.freeze(frozen);
        self.swing.freeze(frozen);
    }
}
