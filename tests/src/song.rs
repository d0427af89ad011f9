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

/// From when to when its drop is, in seconds, and the tempo there, in beats per minute.
pub fn drop() -> ([f64; 2], f64) {
    let truth = truth();
    let drop = truth.section("drop").expect("the song has a drop");
    let tempo = truth.tempos.iter().rev().find(|tempo| tempo.start <= drop.start).expect("a tempo holds there");
    ([drop.start, drop.end], tempo.bpm)
}

/// A file of one channel, 16 bits, 48 kHz, with the same value in every sample (RIFF WAVE).
pub fn steady_wav(samples: u32, value: i16) -> Vec<u8> {
    let bytes = 2 * samples;
    let mut file = [&b"RIFF"[..], &(36 + bytes).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
    file.extend(48_000_u32.to_le_bytes());
    file.extend(96_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(bytes.to_le_bytes());
    file.extend((0..samples).flat_map(|_| value.to_le_bytes()));
    file
}
