//! What tells whether a file has changed.

use std::{
    fs::{self, Metadata},
    path::Path,
    time::{Duration, SystemTime},
};

/// How long ago a file that is being copied was changed, at most: a network or a stick may rest for a while.
const RECENT: Duration = Duration::from_secs(10);

/// The size of a file and when it was changed, by its file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: SystemTime,
}

impl Stamp {
    /// Of the file at a path, if it is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Self::new(&fs::metadata(path).ok()?)
    }

    /// Of a file; none if its file system does not say when it was changed.
    pub(super) fn new(file: &Metadata) -> Option<Self> {
        Some(Self { size: file.len(), modified: file.modified().ok()? })
    }

    /// Whether it was changed just now. The clock of another machine may be a little ahead.
    pub(super) fn is_recent(self) -> bool {
        let away = SystemTime::now().duration_since(self.modified).unwrap_or_else(|ahead| ahead.duration());
        away < RECENT
    }
}
