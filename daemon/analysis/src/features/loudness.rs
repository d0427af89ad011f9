//! Loudness as people hear it: ITU-R BS.1770-4, EBU Tech 3341.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::span::Span;
use crate::{Field, Settings, Unit};

/// Momentary (400 ms) and short-term (3 s) loudness in LUFS. At least -70, the gate of EBU R128.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::scalar("loudness.momentary", Unit::Lufs, (FLOOR_LUFS, 0.0)),
        Field::scalar("loudness.short", Unit::Lufs, (FLOOR_LUFS, 0.0)),
    ],
    build: |settings| Box::new(Loudness { momentary: momentary(settings), short: Span::new(3.0, settings) }),
};

/// The lowest reported loudness.
pub(super) const FLOOR_LUFS: f32 = -70.0;

struct Loudness {
    momentary: Span,
    short: Span,
}

impl Feature for Loudness {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        values[0] = lufs(self.momentary.mean(frame.weighted()));
        values[1] = lufs(self.short.mean(frame.weighted()));
    }
}

/// The span of momentary loudness.
pub(super) fn momentary(settings: &Settings) -> Span {
    Span::new(0.4, settings)
}

/// The loudness of a K-weighted mean square.
pub(super) fn lufs(weighted: f64) -> f32 {
    (-0.691 + 10.0 * weighted.max(1e-12).log10()).max(f64::from(FLOOR_LUFS)) as f32
}
