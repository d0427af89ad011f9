//! What the daemon says about itself at `/metrics` and `/status`: readable by other programs, true, and not for strangers.

use e2e::binaries::binary;
use e2e::network::{Host, Link, allowed};
use e2e::page::Page;
use e2e::port::free_port;
use e2e::{Daemon, OscDump, song, turn, wait_for};
use rosc::OscType;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

fn config(web: &str, more: &str) -> String {
    format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n[web]\nlisten = \"{web}\"\n{more}\n",
        song::mix()
    )
}

fn get(web: u16, path: &str) -> String {
    let curl = Command::new("curl").args(["-sf", "-m", "10"]).arg(format!("http://127.0.0.1:{web}{path}")).output();
    said(&curl.expect("curl runs"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The value of a metric with some label.
fn metric(text: &str, name: &str, label: &str) -> Option<f64> {
    let line = text.lines().find(|line| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([' ', '{'])) && line.contains(label)
    });
    line?.rsplit(' ').next()?.parse().ok()
}

/// Lets the Python client of Prometheus, whose parser is none of ours, read a page, and print the types.
fn parsed(text: &str) -> Option<String> {
    let script = "
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    seen = set()
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
    print(family.name, family.type, len(family.samples))
";
    let has_it = Command::new("/usr/bin/python3").args(["-c", "import prometheus_client.parser"]).output();
    if !has_it.is_ok_and(|it| it.status.success()) {
        eprintln!("NOT TESTED: whether Prometheus can read it: install python3-prometheus-client");
        return None;
    }
    let mut python = Command::new("/usr/bin/python3");
    python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut python = python.spawn().expect("it runs");
    python.stdin.take().expect("piped").write_all(text.as_bytes()).expect("read");
    let output = python.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    Some(said(&output))
}

#[test]
fn prometheus_reads_the_figures_and_they_are_those_of_the_receivers() {
    let _turn = turn();
    let (web, desk, beats) = (free_port(), OscDump::start(), OscDump::start());
    let output = |name: &str, dump: &OscDump, signals: &str| {
        // One message in a packet, so that packets and messages are the same.
        format!(
            "[output.{name}]\nkind = \"osc\"\ntarget = \"127.0.0.1:{}\"\nformat = \"messages\"\nsignals = [{signals}]\n\
             parameters = []\nevents = [\"beat\"]\n",
            dump.port
        )
    };
    let outputs = output("desk", &desk, "\"main.level\"") + &output("beats", &beats, "");
    let _daemon = Daemon::start(&config(&format!("127.0.0.1:{web}"), &outputs), None);
    wait_for("some beats", LIMIT, || (beats.to("/beat").len() >= 8).then_some(()));

    for (name, dump) in [("desk", &desk), ("beats", &beats)] {
        let label = format!("output=\"{name}\"");
        let before = dump.messages().len() as f64;
        let text = get(web, "/metrics");
        let sent = metric(&text, "downbeat_output_sent_total", &label).expect("counted");
        // What was received before had been sent; what was sent is received.
        assert!(sent >= before, "{name}: {before} were received, {sent} are said to be sent");
        let after = wait_for("what was sent", LIMIT, || {
            let count = dump.messages().len() as f64;
            (count >= sent).then_some(count)
        });
        println!("{name}: {before} received, then {sent} said to be sent, then {after} received");
        let lateness = metric(&text, "downbeat_output_lateness_seconds_count", &label).expect("measured");
        let handover = metric(&text, "downbeat_output_handover_seconds_count", &label).expect("measured");
        assert!(lateness >= 8.0 && handover >= 1.0, "{lateness} {handover}");
    }

    // Between two beats nothing is on its way: both counts are the same.
    wait_for("the count of the receiver", LIMIT, || {
        let received = beats.messages().len() as f64;
        let sent = metric(&get(web, "/metrics"), "downbeat_output_sent_total", "output=\"beats\"").expect("counted");
        (sent == received).then_some(())
    });

    // Seven presses are seven commands.
    let mut page = Page::open(web);
    page.listen("/show/blackout");
    assert_eq!(page.told("/show/blackout"), [OscType::Bool(false)]);
    for press in 0..7 {
        page.set("/show/blackout", OscType::Bool(press % 2 == 0));
        assert_eq!(page.told("/show/blackout"), [OscType::Bool(press % 2 == 0)]);
    }
    let text = get(web, "/metrics");
    assert_eq!(metric(&text, "downbeat_control_commands_total", "control=\"web\""), Some(7.0));
    let hop = metric(&text, "downbeat_hop_delay_seconds_count", "").expect("measured");
    let hops = metric(&text, "downbeat_hops_total", "").expect("counted");
    assert!(hop > 100.0 && hop <= hops, "{hop} of {hops}");
    if let Some(families) = parsed(&text) {
        println!("{families}");
        for family in ["downbeat_output_lateness_seconds histogram", "downbeat_output_sent counter"] {
            assert!(families.contains(family), "{families}");
        }
    }

    let status: Value = serde_json::from_str(&get(web, "/status")).expect("JSON");
    assert_eq!(status["since_start"]["controls"]["web"]["commands"], 7);
    let sent = |stretch: &str| status[stretch]["outputs"]["beats"]["sent"].as_u64().expect("a count");
    assert!(sent("since_start") >= 8 && sent("last_minute") <= sent("since_start"), "{status}");
    assert!(status["since_start"]["threads"]["hop"]["cpu"].as_f64().is_some_and(|cpu| cpu > 0.0), "{status}");
    assert!(status["status"]["locked_why"].as_str().is_some_and(|why| !why.is_empty()), "{status}");
}

#[test]
fn a_trusted_network_reads_the_figures_and_a_stranger_does_not() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 5);
    let [ours, theirs] = link.addresses();
    for (trusted, wanted) in [(String::new(), "401"), (format!("trusted = [\"{theirs}/32\"]"), "200")] {
        let _daemon = Daemon::start_on(&hosts[0], &config("0.0.0.0:7601", &trusted), None);
        for path in ["/metrics", "/status"] {
            let page = format!("http://{ours}:7601{path}");
            let mut curl = hosts[1].command("curl");
            curl.args(["-s", "-m", "10", "-w", "\n%{http_code}", &page]);
            let told = said(&curl.output().expect("curl runs"));
            let (body, status) = told.rsplit_once('\n').expect("a status");
            assert_eq!(status, wanted, "{path} {trusted:?}: {body}");
            assert_eq!(body.contains("uptime"), wanted == "200", "{body}");
        }
    }
}

#[test]
fn a_report_on_a_running_show_has_its_figures_and_none_of_its_keys() {
    let _turn = turn();
    let folder = tempfile::tempdir().expect("a directory of the test's own");
    let (web, server, keys) = (free_port(), free_port(), folder.path().join("keys"));
    let text = config(
        &format!("127.0.0.1:{web}"),
        &format!("[show]\nkeys = {keys:?}\n[server]\nlisten = \"127.0.0.1:{server}\"\n"),
    );
    let file = folder.path().join("show.toml");
    std::fs::write(&file, &text).expect("written");
    let _daemon = Daemon::start(&text, None);
    let archive = folder.path().join("report.tar.gz");
    let mut ctl = Command::new(binary("downbeatctl"));
    let made = ctl.args(["report", "--config"]).arg(&file).arg("--output").arg(&archive).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let inside = Command::new("tar").arg("-xzOf").arg(&archive).output().expect("tar runs").stdout;
    let inside = String::from_utf8_lossy(&inside);
    for kept in ["downbeat_uptime_seconds ", "\"since_start\"", "clock source", "source = \"file\""] {
        assert!(inside.contains(kept), "{kept} is not in the report");
    }
    let mut secrets = 0;
    for file in std::fs::read_dir(&keys).expect("the daemon's keys") {
        let text = String::from_utf8_lossy(&std::fs::read(file.expect("a file").path()).expect("read")).into_owned();
        if text.contains("PRIVATE KEY") {
            let lines = text.lines().filter(|line| line.len() > 20 && !line.contains("-----"));
            lines.for_each(|line| {
                secrets += 1;
                assert!(!inside.contains(line), "a line of a key is in the report");
            });
        }
    }
    assert!(secrets > 0 && !inside.contains("PRIVATE KEY"));
}
