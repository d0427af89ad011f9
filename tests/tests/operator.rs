//! An operator's commands to a running daemon; and the shipped service files.

use e2e::port::free_port;
use e2e::{Daemon, binaries::binary, binaries::root, song, turn};
use std::process::{Command, Output};

fn ctl(arguments: &[&str]) -> Output {
    Command::new(binary("downbeatctl")).args(arguments).output().expect("downbeatctl runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn commands_take_effect_or_say_why_not_and_watch_shows_the_tempo() {
    let _turn = turn();
    let nodes = format!("127.0.0.1:{}", free_port());
    let config =
        format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\n[server]\nlisten = \"{nodes}\"\n", song::mix());
    let _daemon = Daemon::start(&config, None);
    let done = ctl(&["command", "--server", &nodes, "/show/blackout", "1"]);
    assert!(done.status.success(), "{}", said(&done));
    let waits = ctl(&["command", "--server", &nodes, "--when", "bar", "/layer/back/scene", "echo"]);
    assert!(waits.status.success(), "{}", said(&waits));
    let refused = ctl(&["command", "--server", &nodes, "/param/nope", "1"]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("nope"), "{}", said(&refused));
    let watched = ctl(&["watch", "--server", &nodes, "--plain", "--for", "3"]);
    assert!(watched.status.success(), "{}", said(&watched));
    assert!(said(&watched).contains("BPM"), "{}", said(&watched));
}

#[test]
fn systemd_accepts_the_shipped_units() {
    let verified = Command::new(root().join("tools/verify-units.sh")).output().expect("the script runs");
    assert!(verified.status.success(), "{}", said(&verified));
}
