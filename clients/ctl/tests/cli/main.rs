//! `downbeatctl` as a user runs it.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod analyse;
mod command;
mod doctor;
mod skew;
mod watch;

use std::path::Path;
use std::process::{Command, Output};

/// The program, ready for arguments.
fn ctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downbeatctl"));
    command.env("DOWNBEAT_KEYS", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys"));
    command.env_remove("DOWNBEAT_SERVER").env_remove("RUST_LOG");
    command
}

fn run(args: &[&str]) -> Output {
    ctl().args(args).output().expect("downbeatctl runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

/// A UDP port of this machine on which nobody listens, as long as the socket is kept.
fn silent_port() -> (std::net::UdpSocket, String) {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address").to_string();
    (socket, address)
}
