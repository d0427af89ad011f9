//! The file of a log, which somebody may take away: its disk is a stick that is pulled out, or it is moved.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The end of a file in which a torn line is looked for. All lines are shorter.
const TAIL: u64 = 4_096;

/// What lines are written on.
pub trait Paper: Write {
    /// Whether it was empty when it was opened.
    fn was_blank(&self) -> bool;

    /// Whether it is still where it was opened.
    fn is_there(&self) -> bool;
}

/// A file at its path.
pub struct Place {
    file: File,
    path: PathBuf,
    blank: bool,
}

impl Place {
    /// Begins an empty file.
    ///
    /// # Errors
    /// The system's, or it is no regular file.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: downbeat_files::create(path)?, path: path.to_owned(), blank: true })
    }

    /// Goes on after the last whole line of the file that is there, or begins a new one. What was torn when the disk went
    /// is cut off.
    ///
    /// # Errors
    /// The system's, or it is no regular file.
    pub fn again(path: &Path) -> io::Result<Self> {
        let mut file = downbeat_files::append(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        (&file).take(TAIL).read_to_end(&mut tail)?;
        let torn = tail.iter().rev().take_while(|byte| **byte != b'\n').count() as u64;
        // A longer one is none of ours.
        let whole = if torn < TAIL { length.saturating_sub(torn) } else { length };
        if whole < length {
            file.set_len(whole)?;
        }
        Ok(Self { file, path: path.to_owned(), blank: whole == 0 })
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Paper for Place {
    fn was_blank(&self) -> bool {
        self.blank
    }

    fn is_there(&self) -> bool {
        let (Ok(ours), Ok(there)) = (self.file.metadata(), std::fs::metadata(&self.path)) else { return false };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_continued_after_its_last_whole_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frames.csv");
        let long = format!("{}\n", "x".repeat(2 * TAIL as usize));
        for (before, kept) in [("", ""), ("tor", ""), ("1\n2\n", "1\n2\n"), ("1\ntor", "1\n"), (&long[..], &long[..])] {
            fs::write(&path, before).expect("writes");
            let mut place = Place::again(&path).expect("opens");
            assert_eq!(place.was_blank(), kept.is_empty(), "{before:?}");
            place.write_all(b"3\n").expect("writes");
            assert_eq!(fs::read_to_string(&path).expect("reads"), format!("{kept}3\n"));
        }
        fs::remove_file(&path).expect("it is there");
        assert!(Place::again(&path).expect("makes a new one").was_blank());
        fs::write(&path, "y".repeat(TAIL as usize)).expect("writes");
        assert!(!Place::again(&path).expect("opens").was_blank(), "it is none of ours");
        assert_eq!(fs::metadata(&path).expect("it is there").len(), TAIL);
    }

    #[test]
    fn a_file_that_was_moved_or_removed_is_not_there_even_if_another_one_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aside) = (folder.path().join("frames.csv"), folder.path().join("old.csv"));
        let place = Place::create(&path).expect("opens");
        assert!(place.is_there());
        fs::rename(&path, &aside).expect("moves");
        assert!(!place.is_there());
        let other = Place::again(&path).expect("makes a new one");
        assert!(other.is_there() && !place.is_there());
        fs::rename(&aside, &path).expect("moves");
        assert!(place.is_there() && !other.is_there());
        fs::remove_file(&path).expect("it is there");
        assert!(!place.is_there());
    }
}
