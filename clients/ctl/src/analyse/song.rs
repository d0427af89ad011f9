//! A decoded file.

use crate::exit::Failure;
use downbeat_audio::Recording;
use std::path::Path;

/// A whole file in memory, with its name for titles.
pub struct Song {
    /// The file's name without its folder.
    pub name: String,
    /// The samples.
    pub recording: Recording,
}

impl Song {
    /// Decodes a file.
    ///
    /// # Errors
    /// If it is unreadable, not audio, or empty.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let recording = downbeat_audio::decode(path).map_err(|error| Failure::Input(error.to_string()))?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, recording })
    }

    /// Samples per second.
    pub fn rate(&self) -> f64 {
        self.recording.sample_rate
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.recording.left.len() as f64 / self.rate()
    }

    /// The samples of both channels in `from..to` seconds; at least one while inside the file.
    pub fn between(&self, from: f64, to: f64) -> (&[f32], &[f32]) {
        let Recording { left, right, .. } = &self.recording;
        let place = |seconds: f64| ((seconds * self.rate()) as usize).min(left.len());
        let first = place(from);
        let last = place(to).max(first + 1).min(left.len());
        (&left[first..last], &right[first..last])
    }
}
