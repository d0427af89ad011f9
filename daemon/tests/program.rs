//! The program from outside: its output and exit status.

use std::fs::File;
use std::process::{Command, Stdio};

/// The exit status of the daemon with a flag, and what it said.
fn outcome(flag: &str, stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downbeatd"));
    let output = command.arg(flag).stdout(stdout).stderr(Stdio::piped()).output().expect("downbeatd runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_cannot_be_printed_is_said_and_a_reader_that_has_gone_is_no_error() {
    for flag in ["--check", "--describe", "--defaults"] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let (code, said) = outcome(flag, full);
        assert_eq!(code, Some(74), "{flag}: {said}");
        assert!(said.contains("error: cannot write to standard output: "), "{flag}: {said}");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(outcome(flag, writer), (Some(0), String::new()), "{flag}");
    }
}
