//! The output: rows, beats, rules and messages as liblo's `oscdump` gets them.

use super::{Rig, line, output_context, table};
use crate::liblo::{OscDump, until};
use crate::port::free_port;
use downbeat_protocol::{Event, HostTime, ShowTime, Value};
use downbeatd::clock::host_now;
use downbeatd::outputs::OUTPUTS;
use std::sync::Arc;

#[test]
fn oscdump_gets_rows_and_beats_ahead_of_their_time() {
    let port = free_port();
    let dump = OscDump::listen(port);
    let rig = Rig::output(&format!("target = '127.0.0.1:{port}'\nlatency-ms = 40"));
    let line = line();
    let beats = until("five beats", || {
        rig.tick(line, true);
        Some(dump.at("/beat")).filter(|beats| beats.len() >= 5)
    });
    for (index, beat) in beats.iter().enumerate() {
        let number = index as i64 + 1;
        assert_eq!(beat.arguments, format!("ifif {number} 0.000000 {} 240.000000", number % 4));
        let due = line.time_of(downbeat_protocol::Beats::whole(number));
        let early = HostTime(due.0).since(beat.at);
        // Never earlier than its latency; the other limit is for machines that have other things to do.
        assert!((-60_000_000..=40_000_000).contains(&early), "beat {number} came {early} ns before it was due");
    }
    assert_eq!(dump.at("/bar")[0].arguments, "ifif 1 0.000000 1 240.000000");
    assert_eq!(dump.at("/signal/main/level")[0].arguments, "f 0.500000");
    assert_eq!(dump.at("/tempo/bpm")[0].arguments, "f 128.000000");
    assert_eq!(rig.health.error(), "");
}

#[test]
fn a_desk_gets_plain_messages_by_rules_alone() {
    let port = free_port();
    let dump = OscDump::listen(port);
    let rules = "format = 'messages'\n\
        send = [\n\
        { address = '/cmd', value = 'tempo.bpm', type = 'string', text = 'Master 3.1 At {}', when = 'bar' },\n\
        { address = '/pb/1', value = 'main.level', type = 'int', to = [0, 100] },\n\
        { address = '/Page1/Key201', type = 'trigger', when = 'beat' }]";
    let rig = Rig::output(&format!("target = '127.0.0.1:{port}'\n{rules}"));
    let line = line();
    let clicks = until("a click and its release", || {
        rig.tick(line, true);
        Some(dump.at("/Page1/Key201")).filter(|clicks| clicks.len() >= 2 && !dump.at("/cmd").is_empty())
    });
    assert_eq!((&*clicks[0].arguments, &*clicks[1].arguments), ("i 1", "i 0"));
    let held = clicks[1].at.since(clicks[0].at);
    assert!((20_000_000..150_000_000).contains(&held), "held for {held} ns");
    assert_eq!(dump.at("/pb/1")[0].arguments, "i 50");
    assert_eq!(dump.at("/cmd")[0].arguments, "s \"Master 3.1 At 128\"");
    assert!(dump.at("/beat").is_empty() && dump.at("/tempo/bpm").is_empty());
}

#[test]
fn a_message_of_a_cue_reaches_its_own_output_alone_and_a_button_is_let_go() {
    let port = free_port();
    let dump = OscDump::listen(port);
    let rig = Rig::output(&format!("target = '127.0.0.1:{port}'"));
    let message = |output: &str, address: &str, value: Option<Value>| {
        let (output, address, by) = (output.into(), address.into(), "rule:columns".into());
        let at = ShowTime(host_now().0);
        rig.fanout.event(&Arc::new(Event::Message { output, address, value, by, at }), true);
    };
    message("desk", "/not/ours", None);
    message("peers", "/composition/columns/2/connect", None);
    message("peers", "/ch/01/config/color,i", Some(3.0.into()));
    message("peers", "/cmd", Some("Go+ Executor 3".into()));
    let click = until("a click and its release", || {
        Some(dump.at("/composition/columns/2/connect")).filter(|click| click.len() == 2)
    });
    assert_eq!((&*click[0].arguments, &*click[1].arguments), ("i 1", "i 0"));
    let held = click[1].at.since(click[0].at);
    assert!((20_000_000..150_000_000).contains(&held), "held for {held} ns");
    assert_eq!(dump.at("/ch/01/config/color")[0].arguments, "i 3");
    assert_eq!(dump.at("/cmd")[0].arguments, "s \"Go+ Executor 3\"");
    assert!(dump.at("/not/ours").is_empty());
}

#[test]
fn an_output_without_a_listener_says_so_and_works_once_there_is_one() {
    let port = free_port();
    let rig = Rig::output(&format!("target = '127.0.0.1:{port}'"));
    until("the complaint", || {
        rig.tick(line(), false);
        rig.health.error().contains("nothing listens").then_some(())
    });
    let dump = OscDump::listen(port);
    until("a row and a clean bill of health", || {
        rig.tick(line(), false);
        (!dump.at("/tempo/bpm").is_empty() && rig.health.error().is_empty()).then_some(())
    });
}

#[test]
fn an_unknown_key_is_an_error_that_names_it() {
    let kind = OUTPUTS.iter().find(|kind| kind.kind == "osc").expect("listed");
    let opened = (kind.open)(table("target = '127.0.0.1:7000'\nrate = 60"), &output_context());
    let error = opened.err().expect("refused").to_string();
    assert!(error.contains("`rate`"), "{error}");
}
