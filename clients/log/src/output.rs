//! Standard output, where `println!` would panic: on a full disk, or once a reader such as `head` has seen enough.

use std::io::{ErrorKind, Result, Write, stdout};

/// Prints a text as it is. A reader that has gone is no error.
///
/// # Errors
/// If it cannot be written.
pub fn print(text: &str) -> Result<()> {
    print_to(stdout().lock(), text)
}

fn print_to(mut writer: impl Write, text: &str) -> Result<()> {
    match writer.write_all(text.as_bytes()).and_then(|()| writer.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_reader_that_has_gone_is_no_error_and_a_full_disk_is_one() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert!(print_to(writer, "the show").is_ok());
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        assert_eq!(print_to(full, "the show").expect_err("full").kind(), ErrorKind::StorageFull);
    }
}
