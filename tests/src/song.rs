//! The demo song on disk, rendered once for all tests.

use crate::binaries::binary;
use downbeat_song::Truth;
use std::path::PathBuf;

/// Where the song's files are; renders them when they are missing.
pub fn directory() -> PathBuf {
    let directory = binary("downbeatd").parent().expect("a file lies in a directory").join("song");
    downbeat_song::ensure(&directory).expect("the song renders");
    directory
}

/// The whole mix as a WAV file.
pub fn mix() -> PathBuf {
    directory().join("song.wav")
}

/// What is in it.
pub fn truth() -> Truth {
    downbeat_song::render().truth
}
