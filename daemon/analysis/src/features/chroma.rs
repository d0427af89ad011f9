//! Harmony: the notes and the key.

use super::{Entry, Feature};
use crate::chromagram::{CLASSES, Chromagram};
use crate::frame::Frame;
use crate::key::{KEYS, Key};
use crate::long::LongSpectrum;
use crate::{Field, Settings, Unit};

/// The strength of each pitch class, C first, relative to the strongest; zeros in silence. The key, 0 to 11 for C major
/// to B major and 12 to 23 for C minor to B minor, kept through silence; and its confidence.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field { name: "chroma", len: CLASSES, unit: Unit::Ratio, range: (0.0, 1.0) },
        Field::scalar("key", Unit::State, (0.0, (KEYS - 1) as f32)),
        Field::ratio("key-confidence"),
    ],
    build: |settings| Box::new(Chroma::new(settings)),
};

/// Time constant of the shown chroma, beyond its window of 0.34 s.
const SHOWN_SECONDS: f64 = 0.1;

struct Chroma {
    chromagram: Chromagram,
    key: Key,
    shown: [f32; CLASSES],
    keeps: f32,
}

impl Chroma {
    fn new(settings: &Settings) -> Self {
        let step_seconds = LongSpectrum::step_seconds(settings);
        Self {
            chromagram: Chromagram::new(settings),
            key: Key::new(step_seconds),
            shown: [0.0; CLASSES],
            keeps: (-step_seconds / SHOWN_SECONDS).exp() as f32,
        }
    }

    fn look(&mut self, magnitudes: &[f32]) {
        let Some(now) = self.chromagram.look(magnitudes) else {
            self.shown = [0.0; CLASSES];
            return;
        };
        for (shown, now) in self.shown.iter_mut().zip(now) {
            *shown = now + (*shown - now) * self.keeps;
        }
        self.key.process(now);
    }
}

impl Feature for Chroma {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        if let Some(magnitudes) = frame.long() {
            self.look(magnitudes);
        }
        let most = self.shown.iter().copied().fold(1e-6, f32::max);
        for (value, shown) in values.iter_mut().zip(&self.shown) {
            *value = shown / most;
        }
        let (key, confidence) = self.key.key();
        (values[CLASSES], values[CLASSES + 1]) = (key as f32, confidence);
    }
}
