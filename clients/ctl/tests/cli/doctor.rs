//! The findings on this machine, and reports.

use super::{ctl, run, stderr, stdout, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

#[test]
fn every_finding_that_is_not_ok_says_how_to_mend_it() {
    let output = run(&["doctor", "--json"]);
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let is_bad = found.iter().any(|it| it["grade"] == "bad");
    assert_eq!(output.status.code(), Some(i32::from(is_bad)), "{}", stderr(&output));
    for what in ["real-time priority", "clock source", "sound", "port of [server]", "network", "graphics", "disk"] {
        assert!(found.iter().any(|it| it["what"] == what), "{what}: {found:?}");
    }
    for it in found {
        let is_ok = it["grade"] == "ok";
        assert!(it["seen"] != "" && (it["mend"] == "") == is_ok && (it["means"] == "") == is_ok, "{it}");
    }
}

#[test]
fn a_port_that_another_program_holds_is_bad_and_the_program_is_named() {
    let folder = tempfile::tempdir().expect("a folder of the test's own");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let config = folder.path().join("downbeat.toml");
    let address = socket.local_addr().expect("an address");
    fs::write(&config, format!("[audio]\nsource = \"file\"\n[web]\nlisten = \"{address}\"\n")).expect("written");
    let output = run(&["doctor", "--config", text(&config)]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let line = told.lines().find(|line| line.contains("port of [web]")).expect("a finding");
    assert!(line.starts_with("BAD ") && line.contains(&format!("(process {})", std::process::id())), "{told}");
    assert!(!told.contains('\x1b'), "no colours outside of a terminal");
    drop(socket);
    assert!(stdout(&run(&["doctor", "--config", text(&config)])).contains(&format!("tcp {address} is free")));
}

#[test]
fn a_report_on_a_configuration_with_a_mistake_has_the_rest_but_not_the_faulty_line() {
    let folder = tempfile::tempdir().expect("a folder of the test's own");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("state.json"), "{\"version\":1}").expect("written");
    let config = format!("[show]\nstate = {:?}\n[web]\nlisten = \"127.0.0.1:1\"\n", at("state.json"));
    fs::write(at("downbeat.toml"), config).expect("written");
    fs::create_dir(at("downbeat.toml.d")).expect("made");
    fs::write(at("downbeat.toml.d/desk.toml"), "[output.desk]\npassword = \"hunter2\n").expect("written");
    let archive = at("report.tar.gz");
    let output = run(&["report", "-c", text(&at("downbeat.toml")), "-o", text(&archive)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let inside = unpacked(&archive);
    assert!(!inside.contains("hunter2") && !stdout(&output).contains("hunter2"), "{inside}");
    for kept in ["desk.toml:2: ", "desk.toml: left out: it is not TOML", "line 2: ", "\"version\":1", "at 127.0.0.1:1:"]
    {
        assert!(inside.contains(kept), "{kept} is not in {inside}");
    }
}

/// What is in an archive.
fn unpacked(archive: &Path) -> String {
    let output = Command::new("tar").arg("-xzOf").arg(archive).output().expect("tar runs");
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn a_report_has_everything_but_secrets_wherever_they_stand() {
    const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIFmB9f1RQm0sWqR0bS1zbGVlcHMtaGVyZS0wMTIz";
    let folder = tempfile::tempdir().expect("a folder of the test's own");
    let at = |name: &str| folder.path().join(name);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n");
    fs::create_dir(at("keys")).expect("made");
    fs::write(at("keys/daemon.pem"), &pem).expect("written");
    fs::write(at("page.pem"), pem.replace("MC4C", "MC5C")).expect("written");
    fs::write(at("state.json"), "{\"version\":1}").expect("written");
    let config = format!(
        "[show]\nname = \"Friday\"\nkeys = {:?}\nstate = {:?}\n[web]\nlisten = \"127.0.0.1:1\"\nkey = {:?}\n\
         # token = \"commented-out\"\n[output.desk]\npassword = \"hunter2\"\n",
        at("keys"),
        at("state.json"),
        at("page.pem")
    );
    fs::write(at("downbeat.toml"), config).expect("written");
    // Somebody has pasted a key, and the key's inside, where they do not belong.
    fs::create_dir(at("downbeat.toml.d")).expect("made");
    fs::write(at("downbeat.toml.d/pasted.toml"), format!("[show]\nnotes = \"{KEY}\"\n")).expect("written");
    let archive = at("report.tar.gz");
    let make =
        || ctl().args(["report", "-c", text(&at("downbeat.toml")), "-o", text(&archive)]).output().expect("runs");
    let output = make();
    assert!(output.status.success(), "{}", stderr(&output));
    let inside = unpacked(&archive);
    for secret in [KEY, "MC5C", "PRIVATE KEY", "hunter2", "commented-out"] {
        assert!(!inside.contains(secret), "{secret} is in the report");
    }
    for kept in ["name = \"Friday\"", "\"version\":1", "clock source", "downbeatctl "] {
        assert!(inside.contains(kept), "{kept} is not in {inside}");
    }
    for said in ["removed output.desk.password", "pasted.toml: left out", "status.json: no daemon answers"] {
        assert!(stdout(&output).contains(said) && inside.contains(said), "{said}: {}", stdout(&output));
    }
    assert_eq!(fs::metadata(&archive).expect("there").permissions().mode() & 0o777, 0o600);

    fs::write(at("state.json"), pem).expect("written");
    make();
    assert!(!unpacked(&archive).contains(KEY), "a key in the state file");
}
