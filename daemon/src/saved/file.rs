//! The file that the state is stored in.

use super::Saved;
use downbeat_config::text;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The file of a daemon's state.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Whether what is there was loaded or stored by this daemon. What is not, such as the file on a disk that was mounted
    /// later, is never overwritten.
    is_own: bool,
}

impl StateFile {
    /// The file, and its content as far as valid in this run of the machine: after a reboot show time restarts, so the
    /// epoch is new and the beat unknown. Without one, or with one that is unusable, a show begins; an invalid one is
    /// moved aside.
    pub fn load(path: &Path, boot: &str) -> (Self, Saved) {
        let mut this = Self { path: path.to_owned(), is_own: false };
        let saved = this.read(boot);
        this.is_own = saved.is_some();
        (this, saved.unwrap_or_else(|| Saved::new(boot)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, boot: &str) -> Option<Saved> {
        let path = self.path.display();
        let bytes = match downbeat_files::read(&self.path, text::LONGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(folder) = self.path.parent().filter(|it| !it.as_os_str().is_empty() && !it.is_dir()) {
                    tracing::warn!(
                        "show.state: there is no folder {}; starting a new show, which is stored once the folder is there. \
                         Is its disk mounted before the daemon starts?",
                        folder.display()
                    );
                }
                return None;
            }
            Err(error) => {
                tracing::warn!("show.state: cannot read {path}: {error}; starting a new show");
                return None;
            }
        };
        match text::decode(bytes).and_then(|text| Saved::parse(&text, boot)) {
            Ok((saved, dropped)) => {
                if !dropped.is_empty() {
                    tracing::warn!("show.state: ignoring impossible values in {path}: {}", dropped.join(", "));
                }
                Some(saved)
            }
            Err(why) => {
                let kept = self.set_aside().map_or_else(|error| error.to_string(), |aside| keeping(&aside));
                tracing::warn!("show.state: {path} is invalid ({why}); {kept}, starting a new show");
                None
            }
        }
    }

    /// Writes the file atomically: a reader sees the whole old or the whole new one, even after a power cut. Before the
    /// first time, moves aside what this daemon did not load.
    ///
    /// # Errors
    /// It cannot be written, or what is there cannot be moved.
    pub fn store(&mut self, saved: &Saved) -> io::Result<()> {
        if !self.is_own && fs::symlink_metadata(&self.path).is_ok() {
            let aside = self.set_aside()?;
            let path = self.path.display();
            tracing::warn!(
                "show.state: {path} was not readable when the daemon started, so its state is not in use; {}",
                keeping(&aside)
            );
        }
        let text = saved.text()?;
        let draft = self.beside("new");
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(&draft, &self.path)?;
        self.is_own = true;
        Ok(())
    }

    fn set_aside(&self) -> io::Result<PathBuf> {
        let aside = self.beside("bad");
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("cannot move it aside: {error}"));
        fs::rename(&self.path, &aside).map_err(failed)?;
        Ok(aside)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".");
        name.push(suffix);
        name.into()
    }
}

fn keeping(aside: &Path) -> String {
    format!("keeping it as {}", aside.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::ShowState;
    use tempfile::TempDir;

    fn saved() -> Saved {
        Saved { state: ShowState { blackout: true, ..ShowState::default() }, ..Saved::new("boot") }
    }

    fn stored() -> (TempDir, PathBuf, Saved) {
        let directory = TempDir::new().expect("a directory");
        let (path, saved) = (directory.path().join("state.json"), saved());
        StateFile::load(&path, "boot").0.store(&saved).expect("stored");
        (directory, path, saved)
    }

    #[test]
    fn what_was_stored_is_loaded() {
        let (_directory, path, saved) = stored();
        let (mut file, loaded) = StateFile::load(&path, "boot");
        assert_eq!(loaded, saved);
        file.store(&Saved::new("boot")).expect("stored");
        assert!(!file.beside("bad").exists(), "it was its own");
    }

    #[test]
    fn a_file_that_makes_no_sense_is_set_aside() {
        let (_directory, path, _) = stored();
        fs::write(&path, "{\"version\": 1, \"epo").expect("written");
        let (file, loaded) = StateFile::load(&path, "boot");
        assert_eq!(loaded.state, ShowState::default());
        assert!(!path.exists() && file.beside("bad").exists());
    }

    #[test]
    fn without_a_file_a_show_begins() {
        let (_directory, path, saved) = stored();
        fs::remove_file(&path).expect("removed");
        let (_, fresh) = StateFile::load(&path, "boot");
        assert_eq!(fresh.state, ShowState::default());
        assert_ne!(fresh.epoch, saved.epoch);
    }

    #[test]
    fn a_file_that_comes_later_is_moved_aside_and_not_overwritten() {
        let directory = TempDir::new().expect("a directory");
        // The stick is not mounted yet.
        let path = directory.path().join("stick").join("state.json");
        let (mut file, _) = StateFile::load(&path, "boot");
        assert!(file.store(&Saved::new("boot")).is_err());
        fs::create_dir(directory.path().join("stick")).expect("made");
        let before = saved().text().expect("text");
        fs::write(&path, &before).expect("written");
        for _ in 0..2 {
            file.store(&Saved::new("boot")).expect("stored");
            assert_eq!(fs::read_to_string(file.beside("bad")).expect("kept"), before);
        }
        assert!(!StateFile::load(&path, "boot").1.state.blackout);
    }
}
