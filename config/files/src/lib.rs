//! Files that people name: configurations, keys, songs, logs of frames.
//!
//! A named pipe without its other end blocks whoever opens it, and a device never ends. So both are refused, and a file
//! is read up to a limit that no file of its kind needs.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a file for reading, without waiting for a writer.
///
/// # Errors
/// It cannot be opened, or is a folder, a pipe, a socket or a device.
pub fn open(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true).custom_flags(AT_ONCE).open(path)?)
}

/// Opens a file for writing, without waiting for a reader: an empty one, or a new one.
///
/// # Errors
/// It cannot be opened or emptied, or is a folder, a pipe, a socket or a device.
pub fn create(path: &Path) -> io::Result<File> {
    match OpenOptions::new().write(true).create(true).truncate(false).custom_flags(AT_ONCE).open(path) {
        Ok(file) => {
            let file = regular(file)?;
            file.set_len(0)?;
            Ok(file)
        }
        // A pipe without a reader, or a socket: "No such device or address" would puzzle whoever sees it there.
        Err(error) if error.raw_os_error() == Some(libc::ENXIO) => Err(irregular("a named pipe")),
        Err(error) => Err(error),
    }
}

/// Opens a file for reading, and for writing after its end, without waiting for anybody: the one that is there, or a new
/// one.
///
/// # Errors
/// It cannot be opened, or is a folder, a pipe, a socket or a device.
pub fn append(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true).append(true).create(true).custom_flags(AT_ONCE).open(path)?)
}

/// Without waiting for the other end of a pipe, and without a terminal of our own.
const AT_ONCE: i32 = libc::O_NONBLOCK | libc::O_NOCTTY;

fn regular(file: File) -> io::Result<File> {
    let kind = file.metadata()?.file_type();
    match kind {
        _ if kind.is_file() => Ok(file),
        _ if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        _ if kind.is_fifo() => Err(irregular("a named pipe")),
        _ => Err(irregular("a device")),
    }
}

fn irregular(what: &str) -> io::Error {
    io::Error::other(format!("{what}, not a regular file"))
}

/// The content of a file of at most this many bytes.
///
/// # Errors
/// Those of [`open`], or it is longer.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("longer than {most} bytes, which is more than any file of this kind")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_never_ends_or_never_begins_is_refused_at_once_by_what_it_is() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
        let told = |path: &Path| read(path, 10).expect_err("refused").to_string();
        assert_eq!(told(&pipe), "a named pipe, not a regular file");
        assert_eq!(told(Path::new("/dev/zero")), "a device, not a regular file");
        assert_eq!(read(folder.path(), 10).expect_err("refused").kind(), ErrorKind::IsADirectory);
        let told = |path: &Path| create(path).expect_err("refused").to_string();
        assert_eq!(told(&pipe), "a named pipe, not a regular file", "nobody reads it");
        let _reader = OpenOptions::new().read(true).custom_flags(AT_ONCE).open(&pipe).expect("a reader");
        assert_eq!(told(&pipe), "a named pipe, not a regular file");
        assert_eq!(told(Path::new("/dev/null")), "a device, not a regular file");
        assert_eq!(create(folder.path()).expect_err("refused").kind(), ErrorKind::IsADirectory);
    }

    #[test]
    fn what_is_written_begins_empty() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        for _ in 0..2 {
            let mut file = create(&path).expect("made, or emptied");
            io::Write::write_all(&mut file, b"new").expect("written");
            assert_eq!(read(&path, 10).expect("read"), b"new");
        }
    }

    #[test]
    fn what_is_appended_comes_after_what_is_there() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        for all in [&b"new"[..], b"newnew"] {
            let mut file = append(&path).expect("made, or opened");
            io::Write::write_all(&mut file, b"new").expect("written");
            assert_eq!(read(&path, 10).expect("read"), all);
        }
        assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().is_ok_and(|status| status.success()));
        let told = append(&folder.path().join("pipe")).expect_err("refused").to_string();
        assert_eq!(told, "a named pipe, not a regular file");
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 10]).expect("written");
        assert_eq!(read(&path, 10).expect("read"), [7; 10]);
        assert!(read(&path, 9).expect_err("longer").to_string().starts_with("longer than 9 bytes"));
        assert_eq!(read(&folder.path().join("gone"), 9).expect_err("gone").kind(), ErrorKind::NotFound);
    }
}
