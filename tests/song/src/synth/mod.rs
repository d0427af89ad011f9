//! The building blocks of sounds.

mod automation;
mod echo;
mod envelope;
mod filter;
mod maths;
mod noise;
mod oscillator;
mod reverb;
mod stereo;

pub use automation::Automation;
pub use echo::Echo;
pub use envelope::{Adsr, Decay};
pub use filter::Filter;
pub use maths::{cosine, exp2, hertz, sine, soft_clip};
pub use noise::Noise;
pub use oscillator::{Pulse, Saw, Sine};
pub use reverb::Reverb;
pub use stereo::Stereo;

/// Samples per second, for arithmetic.
pub const RATE: f64 = crate::SAMPLE_RATE as f64;

/// Samples in some seconds.
pub fn samples(seconds: f64) -> usize {
    (seconds * RATE).round() as usize
}
