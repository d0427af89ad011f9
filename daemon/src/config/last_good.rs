//! The last configuration with which the daemon ran: it starts with that if the files have become invalid since.

use super::Snapshot;
use downbeat_peer::identity::KeyFolder;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Where the last good texts of a file and its drop-ins are.
#[derive(Clone, Debug)]
pub struct LastGood {
    folder: KeyFolder,
    name: String,
    kept: Option<Snapshot>,
}

impl LastGood {
    /// Of a configuration file, in the state folder.
    pub fn of(file: &Path) -> Self {
        // A link that is switched, or leads nowhere, is still the same name.
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let mut hasher = DefaultHasher::new();
        file.hash(&mut hasher);
        Self { folder: KeyFolder::find(""), name: format!("last-good-{:016x}.json", hasher.finish()), kept: None }
    }

    /// Keeps texts. A folder that cannot be written only costs this.
    pub fn keep(&mut self, files: &Snapshot) {
        if self.kept.as_ref() == Some(files) {
            return;
        }
        // Configurations may hold what is not for everybody: the file is its owner's alone.
        let text = serde_json::to_vec(&files.0).unwrap_or_default();
        match self.folder.write(&self.name, &text) {
            Ok(()) => self.kept = Some(files.clone()),
            // It is tried again with the next reading.
            Err(error) => tracing::warn!("cannot keep a copy of the configuration: {error}"),
        }
    }

    /// The texts that were kept, unless they were never, or cannot be read.
    pub fn find(&self) -> Option<Snapshot> {
        Self::parse(&self.folder.read(&self.name, true).ok()??)
    }

    /// The texts in the bytes of a file, unless it is damaged.
    pub fn parse(bytes: &[u8]) -> Option<Snapshot> {
        serde_json::from_slice::<Vec<(PathBuf, String)>>(bytes).ok().map(Snapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_could_not_be_kept_is_kept_the_next_time() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let (state, file) = (folder.path().join("state"), folder.path().join("show.toml"));
        let files = Snapshot(vec![(file.clone(), "[show]\n".into())]);
        let name = LastGood::of(&file).name;
        let mut last_good = LastGood { folder: KeyFolder::find(&state.to_string_lossy()), name, kept: None };
        fs::write(&state, "in the way").expect("written");
        last_good.keep(&files);
        assert_eq!(last_good.find(), None);
        fs::remove_file(&state).expect("removed");
        last_good.keep(&files);
        assert_eq!(last_good.find(), Some(files));
    }

    #[test]
    fn a_file_is_known_by_its_name_wherever_its_link_leads() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.toml"), "").expect("written");
        symlink(path("a.toml"), path("show.toml")).expect("linked");
        let own = LastGood::of(&path("show.toml")).name;
        fs::remove_file(path("show.toml")).expect("removed");
        assert_eq!(LastGood::of(&path("show.toml")).name, own, "missing");
        symlink(path("gone.toml"), path("show.toml")).expect("linked");
        assert_eq!(LastGood::of(&path("show.toml")).name, own, "it leads nowhere");
        assert_ne!(LastGood::of(&path("a.toml")).name, own);
        let here = std::env::current_dir().expect("a folder").join("missing.toml");
        assert_eq!(LastGood::of(Path::new("missing.toml")).name, LastGood::of(&here).name);
    }
}
