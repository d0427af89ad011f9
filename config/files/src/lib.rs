//! Files that people name: configurations, keys, songs.
//!
//! A named pipe that nobody writes blocks whoever opens it, and a device never ends. So both are refused, and a file is
//! read up to a limit that no file of its kind needs.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a file for reading, without waiting for a writer.
///
/// # Errors
/// It cannot be opened, or is a folder, a pipe, a socket or a device.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let kind = file.metadata()?.file_type();
    let what = match kind {
        _ if kind.is_file() => return Ok(file),
        _ if kind.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        _ if kind.is_fifo() => "a named pipe",
        _ => "a device",
    };
    Err(io::Error::other(format!("{what}, not a regular file")))
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
