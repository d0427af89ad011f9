//! The score: what plays when.

mod chords;
mod drums;
pub mod form;
mod melody;

pub use drums::{Drum, Hit};
pub use form::{bar_at, sample_at};

/// One note of a pitched instrument.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// First sample.
    pub start: usize,
    /// Sample at which it is let go.
    pub end: usize,
    /// MIDI note number.
    pub pitch: u8,
    /// `(0, 1]`.
    pub velocity: f64,
}

impl Note {
    /// A note at a sixteenth of a bar, some sixteenths long.
    fn at(bar: usize, step: f64, length: f64, pitch: u8, velocity: f64) -> Self {
        Self { start: sample_at(bar, step), end: sample_at(bar, step + length), pitch, velocity }
    }

    /// How long it is held, in samples.
    pub fn held(&self) -> usize {
        self.end - self.start
    }
}

/// The whole score.
pub struct Score {
    /// Every drum hit in order of time.
    pub hits: Vec<Hit>,
    /// The bass line.
    pub bass: Vec<Note>,
    /// Chords that are held.
    pub pads: Vec<Note>,
    /// Short chords in rhythm.
    pub stabs: Vec<Note>,
    /// The hook.
    pub lead: Vec<Note>,
    /// Broken chords behind it.
    pub arpeggio: Vec<Note>,
}

impl Score {
    /// Writes it.
    pub fn compose() -> Self {
        Self {
            hits: drums::hits(),
            bass: chords::bass(),
            pads: chords::pads(),
            stabs: chords::stabs(),
            lead: melody::hook(),
            arpeggio: chords::arpeggio(),
        }
    }
}
