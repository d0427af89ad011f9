//! The features: one file each, and one line in [`FEATURES`].
//!
//! A feature reads the [`Frame`], may keep state, and writes its numbers. To add one, copy `rms.rs`.

mod bands;
mod cancels;
mod centroid;
mod chroma;
mod flux;
mod hit;
mod level;
mod loudness;
mod mel;
mod mfcc;
mod onset;
mod onset_strength;
mod parts;
mod peak;
mod picture;
mod pitch;
mod rms;
mod shape;
mod stereo;
mod timbre;

use crate::frame::Frame;
use crate::{Field, Settings};

/// A feature, computed from every hop.
pub(crate) trait Feature: Send {
    /// Takes a hop and writes one value for each number of the entry's fields. Every value must be finite, whatever the
    /// samples. Realtime-safe: required.
    fn process(&mut self, frame: &Frame, values: &mut [f32]);

    /// Freezes the learnt loudness until released. Realtime-safe: required.
    fn freeze_levels(&mut self, _frozen: bool) {}
}

/// A line of the table.
pub(crate) struct Entry {
    /// Its fields, in order.
    pub fields: &'static [Field],
    /// Builds it for checked settings.
    pub build: fn(&Settings) -> Box<dyn Feature>,
}

impl Entry {
    /// The number of values it writes.
    pub fn width(&self) -> usize {
        self.fields.iter().map(|field| field.len).sum()
    }
}

/// All features, in the order of the row.
pub(crate) const FEATURES: &[Entry] = &[
    rms::ENTRY,
    peak::ENTRY,
    loudness::ENTRY,
    level::ENTRY,
    bands::ENTRY,
    mel::ENTRY,
    centroid::ENTRY,
    flux::ENTRY,
    onset_strength::ENTRY,
    onset::ENTRY,
    hit::ENTRY,
    shape::ENTRY,
    mfcc::ENTRY,
    stereo::ENTRY,
    cancels::ENTRY,
    pitch::ENTRY,
    chroma::ENTRY,
    timbre::ENTRY,
    picture::ENTRY,
    parts::ENTRY,
];
