//! The content of the files that a table names, to tell whether they have changed.

use config::{Map, Value};
use downbeat_config::text;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// A hash of the content of each file; none for one that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFiles(Vec<Option<u64>>);

impl NamedFiles {
    /// Of the files in these keys of a table. What is no file, such as the name of a shipped surface, has no content.
    pub fn of(table: &Map<String, Value>, keys: &[&str]) -> Self {
        let names = keys.iter().filter_map(|key| table.get(*key)?.clone().into_string().ok());
        Self(names.map(|name| hash(Path::new(&name))).collect())
    }
}

fn hash(path: &Path) -> Option<u64> {
    let bytes = downbeat_files::read(path, text::LONGEST).ok()?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Some(hasher.finish())
}
