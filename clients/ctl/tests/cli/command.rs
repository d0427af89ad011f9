//! Commands without a daemon; the rest is tested end to end.

use super::{run, silent_port, stderr, stdout};

#[test]
fn the_list_needs_no_daemon() {
    let output = run(&["command", "--list"]);
    assert!(output.status.success());
    assert!(stdout(&output).lines().any(|line| line.starts_with("/tempo/tap ")));
}

#[test]
fn a_wrong_address_is_refused_before_anything_is_sent() {
    let output = run(&["command", "/tempo/tapp"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(stderr(&output).contains("unknown address `/tempo/tapp`"), "{}", stderr(&output));
    assert_eq!(run(&["command"]).status.code(), Some(64));
}

#[test]
fn an_absent_daemon_is_an_error_with_its_place() {
    let (_socket, server) = silent_port();
    let output = run(&["command", "--server", &server, "/tempo/nudge", "-5"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&format!("no daemon at {server}")), "{}", stderr(&output));
}
