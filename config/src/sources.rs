//! The sources of a configuration, besides the defaults.

use crate::fault::Fault;
use crate::text;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Prefix of environment variables that set keys: `DOWNBEAT__TEMPO__BEATS_PER_BAR` is `tempo.beats-per-bar`.
const PREFIX: &str = "DOWNBEAT__";

/// The sources of a configuration, weakest first. The defaults always apply.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, with drop-ins `FILE.d/*.toml` in order of name.
    pub file: Option<PathBuf>,
    /// Environment variables by name and value; those of other programs are ignored.
    pub environment: Vec<(String, String)>,
    /// Flags; the last one wins.
    pub flags: Vec<Flag>,
}

/// A key set by a flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// The flag as typed, for messages.
    pub(crate) written: String,
    /// `key=value`.
    pub(crate) assignment: String,
}

impl Flag {
    /// `--set KEY=VALUE`. A value that is not TOML is a string: `--set show.name=Friday`.
    pub fn set(assignment: &str) -> Self {
        Self { written: format!("--set {assignment}"), assignment: assignment.into() }
    }

    /// A dedicated flag, which messages call `written`, such as `--fps 30`.
    pub fn new(written: impl Into<String>, key: &str, value: impl Into<toml_edit::Value>) -> Self {
        Self { written: written.into(), assignment: format!("{key}={}", value.into()) }
    }

    /// A dedicated flag that may be repeated.
    pub fn list(written: impl Into<String>, key: &str, texts: &[String]) -> Self {
        Self::new(written, key, texts.iter().map(String::as_str).collect::<toml_edit::Array>())
    }
}

/// The variables of this process that set keys. Ignores those that are not Unicode.
pub fn environment() -> Vec<(String, String)> {
    let unicode =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    unicode.filter(|(name, _)| name.starts_with(PREFIX)).collect()
}

/// The key that an environment variable sets, in parts.
pub(crate) fn key_of(variable: &str) -> Option<Vec<String>> {
    let kebab = |part: &str| part.to_lowercase().replace('_', "-");
    Some(variable.strip_prefix(PREFIX)?.split("__").map(kebab).collect())
}

/// The texts of a file and its drop-ins at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(pub Vec<(PathBuf, String)>);

impl Sources {
    /// Reads the file and its drop-ins.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot, Fault> {
        self.file.as_deref().map_or_else(|| Ok(Vec::new()), read_files).map(Snapshot)
    }
}

/// A file and its drop-ins, with their texts.
fn read_files(file: &Path) -> Result<Vec<(PathBuf, String)>, Fault> {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".d");
    let folder = PathBuf::from(folder);
    let mut paths = vec![file.to_owned()];
    let unreadable = |error| Fault::unreadable(&folder, &error);
    // A link to a stick that was pulled, or a folder that the system cannot look at, is there: its drop-ins are missing.
    let is_absent = match fs::symlink_metadata(&folder) {
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(unreadable(error)),
    };
    if !is_absent {
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            paths.push(entry.map_err(unreadable)?.path());
        }
        paths[1..].sort();
        let is_toml = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
        paths.retain(|path| path == file || is_toml(path) && !text::is_leftover(path) && !path.is_dir());
    }
    let read = |path: PathBuf| match text::read(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(Fault::unreadable(&path, &error)),
    };
    paths.into_iter().map(read).collect()
}
