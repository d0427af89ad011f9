//! The watch page without a terminal.

use super::{run, silent_port, stdout};

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
