//! The watch page without a terminal.

use super::{ctl, run, silent_port, stderr, stdout};
use std::fs::{File, read_to_string};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Waits for a condition, which no machine is too slow for.
fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn with_no_terminal_and_no_daemon_it_says_so_every_second_and_ends_in_time() {
    let (_socket, server) = silent_port();
    let output = run(&["watch", "--server", &server, "--for", "2.5"]);
    assert!(output.status.success());
    let told = stdout(&output);
    let lines: Vec<&str> = told.lines().collect();
    assert!((2..=4).contains(&lines.len()), "{told}");
    assert!(lines.iter().all(|line| line.starts_with(&format!("daemon {server} not found for "))), "{told}");
}

#[test]
fn a_time_that_is_no_time_is_refused() {
    assert_eq!(run(&["watch", "--for", "soon"]).status.code(), Some(64));
    assert_eq!(run(&["watch", "--for", "-3"]).status.code(), Some(64));
}

#[test]
fn a_reader_that_stops_reading_does_not_hold_up_the_end() {
    let (_socket, server) = silent_port();
    let (_reader, mut writer) = std::io::pipe().expect("a pipe");
    let size = nix::fcntl::fcntl(&writer, nix::fcntl::FcntlArg::F_GETPIPE_SZ).expect("it has one");
    writer.write_all(&vec![b'\n'; size as usize]).expect("it fits");
    let mut command = ctl();
    command.args(["watch", "--plain", "--server", &server]).stdout(writer);
    let mut child = command.spawn().expect("downbeatctl runs");
    let id = child.id();
    let is_stuck = || {
        let call = read_to_string(format!("/proc/{id}/syscall")).ok()?;
        (call.split(' ').next() == Some(&nix::libc::SYS_write.to_string())).then_some(())
    };
    wait_for("write that is stuck", is_stuck);
    assert!(Command::new("kill").arg(id.to_string()).status().is_ok_and(|status| status.success()));
    let status = wait_for("end", || child.try_wait().expect("it can be waited for"));
    assert_eq!(status.code(), Some(130));
}

#[test]
fn a_full_disk_costs_lines_and_does_not_end_it() {
    let (_socket, server) = silent_port();
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let mut command = ctl();
    command.args(["watch", "--server", &server, "--for", "2.5"]).stdout(full).stderr(Stdio::piped());
    let output = command.output().expect("downbeatctl runs");
    assert_eq!(output.status.code(), Some(73));
    let told = stderr(&output);
    let lines = (2..=4).any(|count| told.contains(&format!("{count} lines are missing: No space left")));
    assert!(lines, "{told}");
}
