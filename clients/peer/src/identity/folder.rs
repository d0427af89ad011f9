//! The folder of keys, readable only by its owner.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The environment variable with the folder of keys, which overrides every default.
const VARIABLE: &str = "DOWNBEAT_KEYS";
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const LIST_MODE: u32 = 0o644;
/// Maximum mode of an existing folder: anyone who can write in it could replace our files.
const FOLDER_MODE_MOST: u32 = 0o755;
/// The longest file, in bytes: a thousand peers have a tenth of it. A longer one is not written, since nobody could read
/// it.
const LONGEST: u64 = 4 << 20;
/// The lock file, held while a file is read, changed and written.
const LOCK: &str = ".lock";
/// How long another program may hold it: a change takes milliseconds.
const HELD: Duration = Duration::from_secs(3);
/// Pause between two tries to get it.
const AGAIN: Duration = Duration::from_millis(1);

/// The folder for a program's key and its known peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFolder(PathBuf);

/// Why a file of the folder is unusable.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Others can read or write it.
    #[error("others can read or write {path} (mode {mode:03o}): run `chmod {wanted:03o} {path}`")]
    TooOpen {
        /// The file or the folder.
        path: String,
        /// Its mode.
        mode: u32,
        /// The required mode.
        wanted: u32,
    },
    /// Its content cannot be used, so it is not replaced.
    #[error("{0}; then do this again")]
    Unusable(String),
    /// A program does not give its lock back.
    #[error(
        "a program has held {path} for {seconds} s: `fuser -v {path}` names it; end it or mend its disk, then do this again",
        seconds = HELD.as_secs()
    )]
    Held {
        /// The lock file.
        path: String,
    },
    /// Its disk hangs.
    #[error("the disk of {path} does not answer; it is stored there once it does")]
    Hangs {
        /// The file.
        path: String,
    },
    /// The system refused.
    #[error("{path}: {source}")]
    Io {
        /// The attempted operation.
        path: String,
        /// The system's error.
        source: io::Error,
    },
}

impl KeyFolder {
    /// The given folder, or else the default: `$DOWNBEAT_KEYS`, systemd's state folder, `/var/lib/downbeat` for root,
    /// `$XDG_STATE_HOME/downbeat` or `~/.local/state/downbeat` for others.
    pub fn find(named: &str) -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if !named.is_empty() {
            return Self(named.into());
        }
        let usual = || {
            #[expect(unsafe_code, reason = "the standard library does not tell who we are")]
            // SAFETY: geteuid cannot fail and touches no memory.
            let root = unsafe { libc::geteuid() } == 0;
            let home = || variable("HOME").map(|home| home.join(".local/state"));
            let state = if root { Some("/var/lib".into()) } else { variable("XDG_STATE_HOME").or_else(home) };
            state.unwrap_or_else(|| ".".into()).join("downbeat")
        };
        Self(variable(VARIABLE).or_else(|| variable("STATE_DIRECTORY")).unwrap_or_else(usual))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Whether the folder itself is there.
    pub fn is_there(&self) -> bool {
        self.0.is_dir()
    }

    /// Locks the folder against changes by other programs until the result is dropped. Waits for the lock, but not for
    /// ever.
    ///
    /// # Errors
    /// If the folder cannot be created or written, or another program keeps the lock.
    pub fn lock(&self) -> Result<File, FolderError> {
        self.make()?;
        let path = self.file(LOCK);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(&path);
        let file = file.map_err(|error| failed(&path, error))?;
        let end = Instant::now() + HELD;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(AGAIN),
                Err(TryLockError::WouldBlock) => return Err(FolderError::Held { path: path.display().to_string() }),
                Err(TryLockError::Error(error)) => return Err(failed(&path, error)),
            }
        }
    }

    /// The content of a file; `None` if it does not exist.
    pub fn read(&self, name: &str, secret: bool) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.file(name);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.check().map(|()| None),
            Err(error) => return Err(failed(&path, error)),
            Ok(found) => {
                // Files that are not secret may be readable by others, but writable only by the owner: they define who
                // is let in.
                closed(&path, found.permissions().mode(), if secret { FILE_MODE } else { LIST_MODE })?;
                self.check()?;
            }
        }
        downbeat_files::read(&path, LONGEST).map(Some).map_err(|error| failed(&path, error))
    }

    /// Writes a file atomically: a reader sees the whole old or the whole new one. Only the owner can read it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.draft(name, bytes, |draft, path| fs::rename(draft, path))
    }

    /// The same, unless another process was first; then its file stays.
    pub fn write_new(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.draft(name, bytes, |draft, path| {
            let linked = fs::hard_link(draft, path);
            fs::remove_file(draft)?;
            match linked {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            }
        })
    }

    fn draft(
        &self,
        name: &str,
        bytes: &[u8],
        publish: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        self.make()?;
        let path = self.file(name);
        if bytes.len() as u64 > LONGEST {
            let why = format!("{} bytes are too long for it: {LONGEST} are the most", bytes.len());
            return Err(failed(&path, io::Error::other(why)));
        }
        let draft = self.file(&format!("{name}.{}.new", std::process::id()));
        let written = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&draft)?;
            file.set_permissions(Permissions::from_mode(FILE_MODE))?;
            file.write_all(bytes)?;
            file.sync_data()?;
            publish(&draft, &path)
        };
        written().map_err(|error| {
            // A partly written file is useless.
            let _ = fs::remove_file(&draft);
            failed(&path, error)
        })
    }

    /// Whether no one else can write in the folder; a missing one will be ours.
    fn check(&self) -> Result<(), FolderError> {
        match fs::metadata(&self.0) {
            Ok(found) if found.is_dir() => closed(&self.0, found.permissions().mode(), FOLDER_MODE_MOST),
            _ => Ok(()),
        }
    }

    fn make(&self) -> Result<(), FolderError> {
        match fs::metadata(&self.0) {
            Ok(found) if found.is_dir() => self.check(),
            _ => DirBuilder::new()
                .recursive(true)
                .mode(FOLDER_MODE)
                .create(&self.0)
                .map_err(|error| failed(&self.0, error)),
        }
    }
}

fn failed(path: &Path, source: io::Error) -> FolderError {
    FolderError::Io { path: path.display().to_string(), source }
}

fn closed(path: &Path, mode: u32, wanted: u32) -> Result<(), FolderError> {
    let mode = mode & 0o777;
    if mode & !wanted == 0 {
        return Ok(());
    }
    Err(FolderError::TooOpen { path: path.display().to_string(), mode, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_and_what_is_too_long_for_that_is_refused() {
        let place = tempfile::TempDir::new().expect("a folder");
        let folder = KeyFolder::find(&place.path().join("keys").to_string_lossy());
        let longest = vec![7; LONGEST as usize];
        folder.write("file", &longest).expect("written");
        let why = folder.write("file", &[&longest[..], &[7]].concat()).expect_err("too long").to_string();
        assert!(why.contains("file: 4194305 bytes are too long"), "{why}");
        assert_eq!(folder.read("file", true).expect("read"), Some(longest), "the one before stays");
    }

    #[test]
    fn a_lock_that_another_program_keeps_is_given_up_with_what_to_do() {
        let place = tempfile::TempDir::new().expect("a folder");
        let folder = KeyFolder::find(&place.path().join("keys").to_string_lossy());
        let held = folder.lock().expect("free");
        let begun = Instant::now();
        let why = folder.lock().expect_err("held").to_string();
        assert!(why.contains(LOCK) && why.contains("fuser"), "{why}");
        assert!((HELD..3 * HELD).contains(&begun.elapsed()), "{:?}", begun.elapsed());
        drop(held);
        folder.lock().expect("free again");
    }
}
