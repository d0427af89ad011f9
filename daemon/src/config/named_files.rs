//! The content of the files that a table names, to tell whether they have changed.

use config::{Map, Value};
use downbeat_config::text;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Each file with a hash of its content; none for one that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFiles(Vec<(PathBuf, Option<u64>)>);

impl NamedFiles {
    /// Of the files in these keys of a table. What is no file, such as the name of a shipped surface, has no content.
    pub fn of(table: &Map<String, Value>, keys: &[&str]) -> Self {
        let names = keys.iter().filter_map(|key| table.get(*key)?.clone().into_string().ok());
        let with_hash = |name: String| (PathBuf::from(&name), hash(Path::new(&name)));
        Self(names.map(with_hash).collect())
    }

    /// All of these together.
    pub fn all<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self(parts.into_iter().flat_map(|part| part.0.iter().cloned()).collect())
    }

    /// The same files as they are now. One that cannot be read is as it was: what runs has read it, and goes on.
    pub fn again(&self) -> Self {
        Self(self.0.iter().map(|(path, before)| (path.clone(), hash(path).or(*before))).collect())
    }
}

fn hash(path: &Path) -> Option<u64> {
    let bytes = downbeat_files::read(path, text::LONGEST).ok()?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn another_content_is_another_file_and_one_that_is_away_is_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let surface = folder.path().join("box.toml");
        fs::write(&surface, "a").expect("written");
        let table: Map<String, Value> = [("surface".to_owned(), surface.to_string_lossy().into_owned().into())].into();
        let files = NamedFiles::of(&table, &["surface", "certificate"]);
        assert_eq!(files.again(), files);
        fs::remove_file(&surface).expect("removed");
        assert_eq!(files.again(), files);
        fs::write(&surface, "b").expect("written");
        assert_ne!(files.again(), files);
        assert_eq!(NamedFiles::all([&NamedFiles::default(), &files]), files);
    }
}
