//! The archive: texts, and a note on what is not in it.

use super::secrets::Secrets;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tar::{Builder, Header};

/// The folder inside.
const FOLDER: &str = "downbeat-report";

/// An archive that is being put together.
pub struct Bundle {
    seconds: u64,
    secrets: Secrets,
    files: Vec<(String, String)>,
    notes: String,
}

impl Bundle {
    /// An empty one, made at this time after 1970.
    pub fn new(seconds: u64, secrets: Secrets) -> Self {
        Self { seconds, secrets, files: Vec::new(), notes: String::new() }
    }

    /// Adds a text, unless there is a secret in it.
    pub fn add(&mut self, name: &str, text: String) {
        if self.secrets.are_in(&text) {
            return self.miss(name, "left out: there is a private key in it");
        }
        self.files.push((name.to_owned(), text));
    }

    /// Notes what is not in it.
    pub fn miss(&mut self, name: &str, why: &str) {
        self.note(&format!("{name}: {why}"));
    }

    /// Adds a note.
    pub fn note(&mut self, line: &str) {
        self.notes += line;
        self.notes.push('\n');
    }

    /// All that is in it, for tests.
    #[cfg(test)]
    pub fn texts(&self) -> String {
        self.files.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The bytes of the archive, and the notes, which are also in it.
    ///
    /// # Errors
    /// If it cannot be compressed.
    pub fn finish(mut self) -> io::Result<(Vec<u8>, String)> {
        let readme = format!("What was left out or removed:\n{}", self.notes);
        self.add("README.txt", readme);
        let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (name, text) in &self.files {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(self.seconds);
            archive.append_data(&mut header, format!("{FOLDER}/{name}"), text.as_bytes())?;
        }
        Ok((archive.into_inner()?.finish()?, self.notes))
    }
}

/// Writes a file that only its owner can read: there are names and addresses in it.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(bytes)
}
