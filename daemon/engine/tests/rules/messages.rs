//! Messages of cues and rules to outputs.

use super::stage::{Stage, cue, rule, set, with};
use downbeat_engine::{EngineConfig, Messages};
use downbeat_protocol::cue::Setting;
use downbeat_protocol::rule::{Choice, Occasion, Step};
use downbeat_protocol::{Action, Cue, Event, Rule, ShowTime, Value};

/// With an output that takes addresses that begin with a slash, one without messages, and one that is not enabled.
fn rig(cues: &[(&str, Cue)], rules: &[(&str, Rule)]) -> EngineConfig {
    let slashed = |address: &str, _: Option<&Value>| match address.starts_with('/') {
        true => Ok(()),
        false => Err("it begins with /".to_owned()),
    };
    let outputs = [("resolume", Messages::Checked(slashed)), ("log", Messages::Never), ("desk", Messages::Disabled)];
    let outputs = outputs.map(|(name, messages)| (name.to_owned(), messages));
    EngineConfig { outputs: outputs.into(), ..with(cues, rules) }
}

fn message(output: &str, address: &str, value: impl Into<Option<Value>>) -> Step {
    let (output, address) = (Some(output.to_owned()), address.to_owned());
    Step { output, address, value: value.into(), ..Step::default() }
}

/// Where, what, by whom.
fn sent(stage: &Stage) -> Vec<(String, Option<Value>, String)> {
    let of = |event: &Event| match event {
        Event::Message { address, value, by, .. } => Some((address.clone(), value.clone(), by.clone())),
        _ => None,
    };
    stage.events.iter().filter_map(|(_, event)| of(event)).collect()
}

#[test]
fn a_rule_sends_one_message_each_time_it_acts() {
    let columns = [1, 2, 3].map(|column| message("resolume", &format!("/composition/columns/{column}/connect"), None));
    let mut rules = rule(Occasion::Bar, columns.into());
    rules.choice = Choice::Cycle;
    let mut stage = Stage::new(&rig(&[], &[("columns", rules)]));
    stage.run(8.4);
    let columns: Vec<_> = sent(&stage).into_iter().map(|(address, ..)| address).collect();
    let expected = [1, 2, 3, 1].map(|column| format!("/composition/columns/{column}/connect"));
    assert_eq!(columns, expected, "one column a bar of two seconds");
    assert!(sent(&stage).iter().all(|(_, value, by)| value.is_none() && by == "rule:columns"), "{:?}", sent(&stage));
}

#[test]
fn a_message_says_for_which_moment_it_is_however_late_the_hop_comes() {
    let flash = rule(Occasion::Beat, vec![message("resolume", "/flash", None)]);
    let go = rule(Occasion::Key, vec![message("resolume", "/go", None)]);
    let mut stage = Stage::new(&rig(&[], &[("flash", flash), ("go", go)]));
    stage.run(0.2);
    let begun = stage.events.len();
    // The daemon stands still across the beat at half a second.
    stage.hop(400_000_000);
    stage.send("/rule/go/fire", true);
    let ms = |time: ShowTime| (time.as_secs_f64() * 1e3).round();
    let of = |(_, event): &(ShowTime, Event)| match event {
        Event::Message { address, at, .. } => Some((address.clone(), ms(*at))),
        _ => None,
    };
    let moments: Vec<_> = stage.events[begun..].iter().filter_map(of).collect();
    assert_eq!(moments, [("/flash".to_owned(), 500.0), ("/go".to_owned(), ms(stage.now))]);
}

#[test]
fn a_cue_sets_the_show_and_tells_outputs_in_its_order() {
    let mut drop = cue(&[("/layer/back/scene", "echo".into())]);
    let to = |output: &str, address: &str, value: f64| Setting {
        output: Some(output.into()),
        address: address.into(),
        value: Some(value.into()),
    };
    drop.set.extend([to("resolume", "/speed", 0.5), to("desk", "whatever it takes", 1.0)]);
    let mut stage = Stage::new(&rig(&[("drop", drop)], &[]));
    stage.send("/cue/drop/fire", true);
    stage.run(0.1);
    assert_eq!(stage.state().layer("back").map(|layer| layer.scene.as_str()), Some("echo"));
    let [first, second] = &sent(&stage)[..] else { panic!("{:?}", sent(&stage)) };
    assert_eq!((first.0.as_str(), &first.1), ("/speed", &Some(0.5.into())));
    assert_eq!(second.0, "whatever it takes", "an output that is not enabled says later what it takes");
}

#[test]
fn a_message_that_no_output_takes_is_refused_when_it_is_defined() {
    let refused = |step: Step| {
        let mut stage = Stage::new(&rig(&[], &[]));
        let rule = Box::new(rule(Occasion::Key, vec![step]));
        stage.ask(Action::DefineRule { name: "r".into(), rule });
        stage.refused().pop().expect("a refusal").1
    };
    assert!(refused(message("resolum", "/x", None)).contains("unknown output `resolum`; did you mean `resolume`?"));
    assert!(refused(message("log", "/x", None)).contains("output `log` takes no messages"));
    assert_eq!(refused(message("resolume", "x", None)), "rule `r`: do.0.address: it begins with /");
    let toggled = Step { act: downbeat_protocol::rule::Act::Toggle, ..message("resolume", "/x", None) };
    assert!(refused(toggled).contains("do.0.act: a message to an output has only an address and a value"));
}

#[test]
fn a_locked_or_panicking_show_sends_nothing_that_a_hand_asks_for() {
    let fires = rule(Occasion::Key, vec![message("resolume", "/x", None), set("/show/freeze", true)]);
    let mut stage = Stage::new(&rig(&[], &[("r", fires)]));
    stage.send("/show/lock", true);
    stage.send("/rule/r/fire", true);
    stage.ask(Action::Send { output: "resolume".into(), address: "/y".into(), value: None });
    stage.run(0.1);
    assert_eq!(sent(&stage), []);
    stage.send("/show/lock", false);
    stage.ask(Action::Send { output: "nobody".into(), address: "/y".into(), value: None });
    assert!(stage.refused().pop().expect("a refusal").1.contains("unknown output `nobody`"));
    stage.ask(Action::Send { output: "resolume".into(), address: "/y".into(), value: None });
    assert_eq!(sent(&stage), [("/y".to_owned(), None, "tablet".to_owned())]);
}
