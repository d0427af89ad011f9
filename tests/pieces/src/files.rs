//! The pieces as files.

use crate::{Piece, SAMPLE_RATE, names, render};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why the pieces could not be written.
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

/// Where the version of the pieces in a folder is written down.
const STAMP: &str = "fingerprint";

/// The source of everything that sounds. Not the samples: to hash those, one would have to render them.
const SOURCES: &[(&str, &str)] = &[
    ("catalogue/band.rs", include_str!("catalogue/band.rs")),
    ("catalogue/dance.rs", include_str!("catalogue/dance.rs")),
    ("catalogue/metre.rs", include_str!("catalogue/metre.rs")),
    ("catalogue/mod.rs", include_str!("catalogue/mod.rs")),
    ("catalogue/stress.rs", include_str!("catalogue/stress.rs")),
    ("chance.rs", include_str!("chance.rs")),
    ("drums/cymbal.rs", include_str!("drums/cymbal.rs")),
    ("drums/kick.rs", include_str!("drums/kick.rs")),
    ("drums/kit.rs", include_str!("drums/kit.rs")),
    ("drums/mod.rs", include_str!("drums/mod.rs")),
    ("drums/percussion.rs", include_str!("drums/percussion.rs")),
    ("drums/snare.rs", include_str!("drums/snare.rs")),
    ("drums/style.rs", include_str!("drums/style.rs")),
    ("files.rs", include_str!("files.rs")),
    ("form.rs", include_str!("form.rs")),
    ("genre.rs", include_str!("genre.rs")),
    ("grid.rs", include_str!("grid.rs")),
    ("harmony.rs", include_str!("harmony.rs")),
    ("lib.rs", include_str!("lib.rs")),
    ("mix.rs", include_str!("mix.rs")),
    ("nobeat/applause.rs", include_str!("nobeat/applause.rs")),
    ("nobeat/crowd.rs", include_str!("nobeat/crowd.rs")),
    ("nobeat/drone.rs", include_str!("nobeat/drone.rs")),
    ("nobeat/mod.rs", include_str!("nobeat/mod.rs")),
    ("nobeat/noise.rs", include_str!("nobeat/noise.rs")),
    ("nobeat/speech.rs", include_str!("nobeat/speech.rs")),
    ("piece.rs", include_str!("piece.rs")),
    ("score.rs", include_str!("score.rs")),
    ("truth.rs", include_str!("truth.rs")),
    ("voices/bass.rs", include_str!("voices/bass.rs")),
    ("voices/chord.rs", include_str!("voices/chord.rs")),
    ("voices/lead.rs", include_str!("voices/lead.rs")),
    ("voices/mod.rs", include_str!("voices/mod.rs")),
    ("voices/singer.rs", include_str!("voices/singer.rs")),
    ("voices/plucked.rs", include_str!("voices/plucked.rs")),
];

/// Tells one version of the pieces from another: a hash (FNV-1a) of what they are made by, and of the demo song, whose
/// synthesiser they share.
pub fn fingerprint() -> String {
    let texts = SOURCES.iter().map(|(_, text)| *text).chain([downbeat_song::FINGERPRINT]);
    let hash = texts
        .flat_map(str::bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Every piece in a folder: `ID.wav` and `ID.json`, rendered where they are missing or of another version. Returns the
/// paths of the sounds.
///
/// Each file appears complete or not at all. All processors help; forty minutes of music take some ten seconds of each.
pub fn ensure(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| FileError::Io { path, source }
    };
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    let stamp = folder.join(STAMP);
    let current = std::fs::read_to_string(&stamp).is_ok_and(|text| text.trim() == fingerprint());
    let names = names();
    let missing: Vec<&str> = names.iter().copied().filter(|name| !current || !present(folder, name)).collect();
    if !missing.is_empty() {
        // Whoever breaks this off must not find the old stamp over new pieces.
        let _ = std::fs::remove_file(&stamp);
        write_all(folder, &missing)?;
        place(&stamp, |path| std::fs::write(path, fingerprint() + "\n").map_err(io(path)))?;
    }
    Ok(names.iter().map(|name| folder.join(name).with_extension("wav")).collect())
}

fn present(folder: &Path, name: &str) -> bool {
    ["wav", "json"].iter().all(|kind| folder.join(name).with_extension(kind).is_file())
}

fn write_all(folder: &Path, names: &[&str]) -> Result<(), FileError> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(piece) = render(name) {
                write(&piece, folder)?;
            }
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = helpers.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        theirs.fold(mine, |all, one| all.and(one))
    })
}

/// Writes a piece into a folder that is there: `ID.wav`, whose path it returns, and `ID.json`. The truth last, so that
/// whoever finds it finds both.
pub fn write(piece: &Piece, folder: &Path) -> Result<PathBuf, FileError> {
    let sound = folder.join(&piece.truth.id).with_extension("wav");
    place(&sound, |path| {
        let wav = |source| FileError::Wav { path: path.into(), source };
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: SAMPLE_RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).map_err(wav)?;
        for sample in piece.sound.left.iter().zip(&piece.sound.right).flat_map(|(left, right)| [left, right]) {
            writer.write_sample((sample * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16).map_err(wav)?;
        }
        writer.finalize().map_err(wav)
    })?;
    place(&sound.with_extension("json"), |path| {
        let io = |source| FileError::Io { path: path.into(), source };
        let text = serde_json::to_string(&piece.truth).map_err(|error| io(error.into()))?;
        std::fs::write(path, text + "\n").map_err(io)
    })?;
    Ok(sound)
}

/// Writes beside the path under a name of this process's own, and moves it there when it is whole.
fn place(path: &Path, write: impl FnOnce(&Path) -> Result<(), FileError>) -> Result<(), FileError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let moved = |()| std::fs::rename(&part, path).map_err(|source| FileError::Io { path: path.into(), source });
    let written = write(&part).and_then(moved);
    if written.is_err() {
        // The disk may be full: leave nothing half-written behind. That this fails too is no news.
        let _ = std::fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_in_the_fingerprint() {
        fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() { sources(&entry, found) } else { found.push(entry) }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        sources(&root, &mut found);
        for path in found {
            let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
            let silent = ["main.rs", "tests.rs"].contains(&name.as_str());
            assert!(silent || SOURCES.iter().any(|(listed, _)| *listed == name), "{name} is not listed");
        }
    }

    #[test]
    fn a_piece_is_written_whole_and_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let piece = render("silence").expect("a piece");
        let path = write(&piece, folder.path()).expect("written");
        assert!(present(folder.path(), "silence"));
        let sound = hound::WavReader::open(path).expect("a WAV file");
        assert_eq!((sound.spec().sample_rate, sound.duration() as usize), (SAMPLE_RATE, piece.sound.len()));
        let text = std::fs::read_to_string(folder.path().join("silence.json")).expect("a truth");
        assert_eq!(serde_json::from_str::<crate::Truth>(&text).expect("a truth"), piece.truth);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "nothing half-written is left");
    }
}
