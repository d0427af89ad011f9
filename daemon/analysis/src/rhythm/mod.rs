//! The trained ear: the output of a small neural network, a hundred times a second.
//!
//! [`Ears`] turns samples into the inputs of the [`Net`]; the net gives the probabilities of a beat, a downbeat, a drum
//! and any onset now, and of each tempo. `tools/training` describes its training.

mod activation;
mod bar_net;
mod beat_sound;
mod certainty_net;
mod dense;
mod ear;
mod ears;
mod gru;
mod layer;
mod net;
mod stroke_net;
mod weights;

pub(crate) use bar_net::{BarEvidence, BarNet};
pub(crate) use beat_sound::{BeatSound, SLOTS, Sound};
pub(crate) use certainty_net::CertaintyNet;
pub(crate) use ear::Ear;
pub(crate) use ears::{Ears, RATE};
use net::Net;
use stroke_net::StrokeNet;
pub(crate) use stroke_net::Strokes;

/// Number of tempi, evenly spaced on a logarithmic scale.
pub(crate) const TEMPI: usize = 60;
const SLOWEST_BPM: f64 = 45.0;
const FASTEST_BPM: f64 = 220.0;
/// Delay at which a mark is surest. Measured with the hearing benchmark.
pub(crate) const LATE_SECONDS: f64 = 0.018;

/// The likelihood that something has just started, each 0 to 1; surest [`LATE_SECONDS`] later.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Marks {
    pub beat: f32,
    pub downbeat: f32,
    pub kick: f32,
    pub snare: f32,
    pub hat: f32,
    pub onset: f32,
}

/// One tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Ticks since the start, including this one: its time in ticks.
    pub number: u64,
    /// What has just begun.
    pub marks: Marks,
    /// The likelihood of music with a beat, 0 to 1, with or without people, hum and hiss; these alone count as none.
    pub music: f32,
    /// Which drums have just been struck.
    pub strokes: Strokes,
    /// The drive of the music, on a scale that does not adapt within a minute: the mean rise of all bands.
    pub drive: f32,
}

/// The net's view of the tempo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rhythm {
    /// The probability of no tempo at all, 0 to 1.
    pub none: f32,
    /// The probability of each tempo; with `none` they sum up to 1.
    pub tempi: [f32; TEMPI],
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { none: 1.0, tempi: [0.0; TEMPI] }
    }
}

/// The index of a tempo in [`Rhythm::tempi`], with a fraction; may be out of range.
pub(crate) fn tempo_place(bpm: f64) -> f64 {
    (bpm / SLOWEST_BPM).ln() / (FASTEST_BPM / SLOWEST_BPM).ln() * (TEMPI - 1) as f64
}
