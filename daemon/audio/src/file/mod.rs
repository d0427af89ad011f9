//! Samples from audio files, in place of JACK.

mod ahead;
mod decoder;
mod error;
mod recording;
mod source;
mod timing;

pub use error::FileError;
pub use recording::{Recording, decode};
pub use source::{FileSettings, FileSource, Pace};
