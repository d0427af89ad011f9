//! A whole file in memory, for offline analysis.

use std::{io::Cursor, path::Path};

use super::{
    FileError,
    decoder::{Decoder, Stereo},
};

/// A whole file in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Samples per second.
    pub sample_rate: f64,
    /// The left channel.
    pub left: Vec<f32>,
    /// The right channel, as long as the left one; equal to it in a mono file.
    pub right: Vec<f32>,
}

/// Decodes a whole file: the first two channels, or one twice.
///
/// # Errors
/// [`FileError`] if the file is unreadable, not audio, or empty. A damaged or truncated file is decoded as far as
/// possible, with a warning in the log.
pub fn decode(path: &Path) -> Result<Recording, FileError> {
    read(Decoder::open(path)?)
}

/// The same with the bytes of a file, which messages call `path`.
///
/// # Errors
/// As [`decode`].
pub fn decode_bytes(path: &Path, bytes: Vec<u8>) -> Result<Recording, FileError> {
    read(Decoder::over(path, Box::new(Cursor::new(bytes)))?)
}

fn read(mut decoder: Decoder) -> Result<Recording, FileError> {
    let mut stereo = Stereo::default();
    while decoder.read(&mut stereo)? {}
    if stereo.left.is_empty() {
        return Err(FileError::Decode { path: decoder.path().into(), why: "it contains no samples".into() });
    }
    Ok(Recording { sample_rate: f64::from(decoder.sample_rate()), left: stereo.left, right: stereo.right })
}
