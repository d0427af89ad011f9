//! A MIDI file that may be missing for a while: on a stick that is not plugged in, or being copied.

use crate::dispatch::Health;
use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use downbeat_engine::notes::{Score, ScoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io, thread};

/// Pause between two tries, as with audio files.
const AGAIN: Duration = Duration::from_secs(1);

/// The longest file that is read, in bytes: notes for weeks.
const LONGEST: u64 = 64 << 20;

/// Why a MIDI file is unusable.
#[derive(Debug, thiserror::Error)]
pub enum ScoreFileError {
    /// It cannot be opened or read.
    #[error("cannot read the MIDI file {path}: {source}; check that it exists and is readable")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It has no content.
    #[error("the MIDI file {0} is empty; copy it again")]
    Empty(PathBuf),
    /// There are no notes in it.
    #[error("{path}: {why}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: ScoreError,
    },
}

/// Reads a MIDI file.
///
/// # Errors
/// It cannot be read, or has no notes.
pub fn read(path: &Path) -> Result<Score, ScoreFileError> {
    let bytes =
        downbeat_files::read(path, LONGEST).map_err(|source| ScoreFileError::Read { path: path.into(), source })?;
    if bytes.is_empty() {
        return Err(ScoreFileError::Empty(path.into()));
    }
    Score::parse(&bytes).map_err(|why| ScoreFileError::Content { path: path.into(), why })
}

/// Looks for a MIDI file until it can be used, or this is dropped.
pub struct ScoreSearch {
    _open: Sender<()>,
}

impl ScoreSearch {
    /// Looks for the file of `name` in the configuration, on the thread `file:NAME`: a disk may take its time.
    pub fn start(name: &str, path: PathBuf, scores: Sender<Score>, health: Arc<Health>) -> Self {
        let (open, closed) = bounded::<()>(0);
        let own = name.to_owned();
        let search = move || {
            let mut size = 0;
            while closed.recv_timeout(AGAIN) == Err(RecvTimeoutError::Timeout) {
                let found = read(&path);
                let before = std::mem::replace(&mut size, fs::metadata(&path).map_or(0, |it| it.len()));
                match found {
                    Ok(score) if size == before => {
                        health.set_error(&own, "");
                        // Nobody waits for it while the daemon ends.
                        return drop(scores.send(score));
                    }
                    // It may still be growing, as it is copied.
                    Ok(_) => {}
                    Err(error) => health.set_error(&own, waiting(&error)),
                }
            }
        };
        if let Err(error) = thread::Builder::new().name(format!("file:{name}")).spawn(search) {
            tracing::error!("{name}: cannot start a thread to look for the MIDI file: {error}");
        }
        Self { _open: open }
    }
}

/// The fault to show meanwhile.
pub fn waiting(error: &ScoreFileError) -> String {
    format!("{error}; waiting for it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tempfile::TempDir;

    /// One note.
    const SONG: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x08\0\x90\x3C\x64\0\xFF\x2F\0";

    fn eventually(what: &str, condition: impl Fn() -> bool) {
        let begun = Instant::now();
        while !condition() {
            assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_file_that_comes_later_is_read_then_and_what_is_wrong_is_told_meanwhile() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("song.mid");
        assert!(matches!(read(&path), Err(ScoreFileError::Read { .. })));
        let (health, (scores, found)) = (Arc::new(Health::default()), bounded(1));
        let _search = ScoreSearch::start("score", path.clone(), scores, Arc::clone(&health));
        eventually("it is missed", || {
            health.error().contains("song.mid") && health.error().ends_with("waiting for it")
        });
        // As it is copied.
        fs::write(&path, "").expect("written");
        eventually("it is empty", || health.error().contains("is empty"));
        fs::write(&path, &SONG[..10]).expect("written");
        eventually("it is no MIDI file", || health.error().contains("not a Standard MIDI File"));
        fs::write(&path, SONG).expect("written");
        assert!(found.recv_timeout(Duration::from_secs(20)).is_ok());
        assert_eq!(health.error(), "");
    }
}
