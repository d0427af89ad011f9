//! The song as files: `song.wav`, one WAV for each stem, and the truth in `song.json`.

use crate::score::Score;
use crate::{FINGERPRINT, LENGTH, SAMPLE_RATE, Song, Truth, master, render};
use std::path::{Path, PathBuf};

/// Where the files are.
#[derive(Clone, Debug)]
pub struct SongFiles {
    /// The mix.
    pub mix: PathBuf,
    /// The stems by name: `drums`, `bass`, `chords`, `lead`.
    pub stems: Vec<(String, PathBuf)>,
    /// What is where.
    pub truth: Truth,
}

/// Why the song could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("cannot write {path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The encoder refused.
    #[error("cannot write {path}: {source}")]
    Wav {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: hound::Error,
    },
}

/// The names of the stems, in the order of [`Song::stems`].
const STEMS: [&str; 4] = ["drums", "bass", "chords", "lead"];

/// Writes the song into a folder, which is made where it is missing: WAV with 24 bits, and `song.json`.
///
/// Each file appears complete or not at all, and `song.json` comes last, so that a reader who finds it finds all. Two
/// writers at once do no harm: they write the same.
pub fn write(song: &Song, folder: &Path) -> Result<SongFiles, FileError> {
    std::fs::create_dir_all(folder).map_err(|source| FileError::Io { path: folder.into(), source })?;
    write_wav(&folder.join("song.wav"), &song.left, &song.right)?;
    for stem in &song.stems {
        write_wav(&wav(folder, stem.name), &stem.left, &stem.right)?;
    }
    place(&folder.join("song.json"), |path| {
        let io = |source| FileError::Io { path: path.into(), source };
        let text = serde_json::to_string_pretty(&song.truth).map_err(|error| io(error.into()))?;
        std::fs::write(path, text + "\n").map_err(io)
    })?;
    Ok(files(folder, song.truth.clone()))
}

/// The song's files in a folder: rendered when they are missing or of another version.
pub fn ensure(folder: &Path) -> Result<SongFiles, FileError> {
    if present(folder) { Ok(files(folder, Truth::of(&Score::compose()))) } else { write(&render(), folder) }
}

fn present(folder: &Path) -> bool {
    let truth = std::fs::read(folder.join("song.json")).ok();
    let truth: Option<Truth> = truth.and_then(|text| serde_json::from_slice(&text).ok());
    // Two channels of three bytes; the header comes on top.
    let complete = |name: &str| wav(folder, name).metadata().is_ok_and(|data| data.len() > 6 * LENGTH as u64);
    truth.is_some_and(|truth| truth.fingerprint == FINGERPRINT) && STEMS.into_iter().chain(["song"]).all(complete)
}

fn files(folder: &Path, truth: Truth) -> SongFiles {
    let stems = STEMS.map(|name| (name.to_owned(), wav(folder, name)));
    SongFiles { mix: wav(folder, "song"), stems: stems.into(), truth }
}

fn wav(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("wav")
}

fn write_wav(path: &Path, left: &[f32], right: &[f32]) -> Result<(), FileError> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    place(path, |path| {
        let wav = |source| FileError::Wav { path: path.into(), source };
        let mut writer = hound::WavWriter::create(path, spec).map_err(wav)?;
        for (left, right) in left.iter().zip(right) {
            writer.write_sample(master::to_24_bits(*left)).map_err(wav)?;
            writer.write_sample(master::to_24_bits(*right)).map_err(wav)?;
        }
        writer.finalize().map_err(wav)
    })
}

/// Writes beside the path under a name of this process's own, and moves it there when it is whole.
fn place(path: &Path, write: impl FnOnce(&Path) -> Result<(), FileError>) -> Result<(), FileError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let written = write(&part)
        .and_then(|()| std::fs::rename(&part, path).map_err(|source| FileError::Io { path: path.into(), source }));
    if written.is_err() {
        // The disk may be full: leave nothing half-written behind. That this fails too is no news.
        let _ = std::fs::remove_file(&part);
    }
    written
}
