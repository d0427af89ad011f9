//! Samples from audio files, in place of JACK.

mod error;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use error::FileError;

use crate::{Block, Got, Report, Source};

/// Which files to play, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// The name of each bus and its file.
    pub buses: Vec<(String, PathBuf)>,
    /// How fast blocks come.
    pub pace: Pace,
    /// Whether to begin again at the end; samples are numbered on.
    pub repeat: bool,
}

/// How fast a file is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As it sounds: each block comes when its last sample would have been captured.
    #[default]
    RealTime,
    /// As fast as the reader takes it; times count from the first block as they would in real time.
    Fast,
}

/// Samples from audio files.
#[derive(Debug)]
pub struct FileSource {}

impl FileSource {
    /// Opens the files and begins to decode.
    pub fn open(_settings: FileSettings) -> Result<Self, FileError> {
        Err(FileError::NoFiles)
    }

    /// How long the longest file is, as far as its header says.
    pub fn duration(&self) -> Option<Duration> {
        None
    }

    /// Samples per second.
    pub fn sample_rate(&self) -> f64 {
        0.0
    }
}

impl Source for FileSource {
    fn next(&mut self, _block: &mut Block, _timeout: Duration) -> Got {
        Got::End
    }

    fn report(&self) -> Report {
        Report::default()
    }
}

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

/// Decodes a whole file.
pub fn decode(path: &Path) -> Result<Recording, FileError> {
    Err(FileError::Decode { path: path.into(), why: String::new() })
}
