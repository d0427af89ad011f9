//! Lines to a file or a pipe. A disk that is full for a while costs lines; the next one that can be written says how
//! many.

use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write, stdout};
use std::os::fd::AsFd;

/// Writes lines at once: a buffer would keep what was refused, and repeat it.
pub struct Lines<W> {
    out: W,
    /// The lines that are missing since the last one, and why.
    missing: u64,
    why: Option<Error>,
    /// Whether only the beginning of a line was written.
    torn: bool,
}

impl Lines<File> {
    /// To standard output.
    ///
    /// # Errors
    /// The system has no more files.
    pub fn to_stdout() -> Result<Self> {
        Ok(Self::new(stdout().as_fd().try_clone_to_owned()?.into()))
    }
}

impl<W: Write> Lines<W> {
    fn new(out: W) -> Self {
        Self { out, missing: 0, why: None, torn: false }
    }

    /// Writes a line, or counts it if there is no room for it now.
    ///
    /// # Errors
    /// What does not pass by itself, such as a reader that has gone.
    pub fn put(&mut self, line: &str) -> Result<()> {
        let wrote = match self.missing {
            0 => Ok(()),
            missing => self.write(&format!("({missing} lines are missing here)\n")),
        };
        if wrote.is_ok() {
            self.missing = 0;
        }
        match wrote.and_then(|()| self.write(&format!("{line}\n"))) {
            Err(error) if may_pass(&error) => {
                self.missing += 1;
                self.why = Some(error);
                Ok(())
            }
            other => other,
        }
    }

    /// Ends.
    ///
    /// # Errors
    /// The last lines are missing.
    pub fn finish(self) -> Result<()> {
        match self.why.filter(|_| self.missing > 0) {
            Some(why) => Err(Error::new(why.kind(), format!("{} lines are missing: {why}", self.missing))),
            None => Ok(()),
        }
    }

    fn write(&mut self, text: &str) -> Result<()> {
        if self.torn {
            self.out.write_all(b"\n")?;
            self.torn = false;
        }
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.torn = !rest.is_empty();
        }
        Ok(())
    }
}

/// Whether there may be room again: on a full disk, or where standard output is set to not wait.
fn may_pass(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    #[derive(Default)]
    struct Disk {
        text: String,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room -= taken;
            self.text.push_str(std::str::from_utf8(&bytes[..taken]).expect("letters"));
            Ok(taken)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_costs_lines_and_the_next_one_says_how_many() {
        let mut lines = Lines::new(Disk { room: 9, ..Disk::default() });
        for line in ["one", "two", "three", "four"] {
            lines.put(line).expect("a full disk is no end");
        }
        lines.out.room = 1_000;
        lines.put("five").expect("written");
        assert_eq!(lines.out.text, "one\ntwo\nt\n(2 lines are missing here)\nfive\n");
        lines.finish().expect("all is told");
    }

    #[test]
    fn lines_that_are_missing_at_the_end_are_an_error() {
        let mut lines = Lines::new(Disk::default());
        (0..3).for_each(|_| lines.put("one").expect("a full disk is no end"));
        let why = lines.finish().expect_err("they are missing").to_string();
        assert!(why.starts_with("3 lines are missing: "), "{why}");
    }
}
