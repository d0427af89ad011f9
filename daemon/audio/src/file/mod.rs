//! Samples from audio files, in place of JACK.

mod ahead;
mod decoder;
mod error;
mod patient;
mod recording;
mod source;
mod stamp;
mod timing;

pub use error::FileError;
pub use patient::PatientFiles;
pub use recording::{Recording, decode, decode_bytes};
pub use source::{FileSettings, FileSource, Pace};
