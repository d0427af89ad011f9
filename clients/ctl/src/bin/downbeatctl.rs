//! `downbeatctl`. Everything is in the library, so that the manual pages are made from the same command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    downbeat_ctl::main()
}
