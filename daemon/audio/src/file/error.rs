//! Errors of audio files.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why audio files are unusable.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file cannot be opened or read.
    #[error("cannot read the audio file {path}: {source}; check that it exists and is readable")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file has no content.
    #[error("the audio file {0} is empty; copy it again")]
    Empty(PathBuf),
    /// The format is not supported.
    #[error(
        "cannot decode {path}: {why}; use WAV, AIFF, FLAC, MP3 or Ogg Vorbis, or convert it (ffmpeg -i FILE FILE.wav)"
    )]
    Decode {
        /// The file.
        path: PathBuf,
        /// The decoder's error.
        why: String,
    },
    /// Two files differ in their sample rates.
    #[error(
        "{first} has {first_rate} Hz but {second} has {second_rate} Hz: all files must share one sample rate; \
         convert one (ffmpeg -i FILE -ar {first_rate} FILE.wav)"
    )]
    SampleRates {
        /// The first file.
        first: PathBuf,
        /// Its rate in hertz.
        first_rate: u32,
        /// The first file that differs.
        second: PathBuf,
        /// Its rate in hertz.
        second_rate: u32,
    },
    /// No music is sampled so slowly or so fast.
    #[error("{path} has {rate} Hz: convert it to 8000 to 192000 Hz (ffmpeg -i FILE -ar 48000 FILE.wav)")]
    SampleRate {
        /// The file.
        path: PathBuf,
        /// Its rate in hertz.
        rate: u32,
    },
    /// Another file was put in its place while it looped.
    #[error("{path} has {now} Hz now, not {rate} Hz as before: it is played from its beginning at its new rate")]
    Replaced {
        /// The file.
        path: PathBuf,
        /// Its rate until now in hertz.
        rate: u32,
        /// Its new rate in hertz.
        now: u32,
    },
    /// It ends before its end, or holds nothing yet.
    #[error(
        "the audio file {path} {how}: it is being copied, or must be copied again; it is played once it has changed"
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        how: String,
    },
    /// No files are given.
    #[error("no audio files to play: name at least one, as `files = {{ main = \"song.wav\" }}`")]
    NoFiles,
    /// The decoding thread could not be started.
    #[error("cannot start the thread that decodes audio files: {0}; free some memory or threads")]
    Thread(io::Error),
}
