use super::*;
use crate::fade::Fade;
use crate::rule::Rate;
use crate::state::Change;
use crate::status::{Client, Output, Report};
use crate::{Action, Beats, Cue, Layer, Row, Rule, Schema, ShowState, ShowTime, Signal, Status, Timeline, Unit, Value};
use std::collections::HashSet;

fn state() -> ShowState {
    let layer = Layer {
        name: "back".into(),
        scene: "tunnel".into(),
        scenes: vec!["tunnel".into(), "echo".into()],
        opacity: 0.5,
        blend: crate::Blend::Add,
    };
    ShowState { layers: vec![layer], ..ShowState::default() }
}

fn schema() -> Schema {
    let scalar = |name: &str, unit, range| Signal::scalar(name, unit, range);
    Schema {
        signals: vec![
            scalar("main.onset.low", Unit::Ratio, [0.0, 1.0]),
            scalar("tempo.bpm", Unit::Bpm, [60.0, 200.0]),
            scalar("tempo.confidence", Unit::Ratio, [0.0, 1.0]),
            scalar("param.glow", Unit::Ratio, [0.0, 2.0]),
            Signal { len: 3, ..scalar("main.mel", Unit::Ratio, [0.0, 1.0]) },
        ],
    }
}

fn status() -> Status {
    let wall = |fps| Client { name: "wall".into(), report: Report { fps, ..Report::default() }, ..Client::default() };
    let desk = Output { name: "desk".into(), error: "nobody answers".into(), ..Output::default() };
    Status { clients: vec![wall(30.0), wall(60.0)], outputs: vec![desk], ..Status::default() }
}

/// A value that an entry takes.
fn fitting(kind: &Kind) -> Value {
    match kind {
        Kind::Trigger | Kind::Switch => true.into(),
        Kind::Number([low, high], _) => f64::midpoint(*low, *high).into(),
        Kind::Choice(words) => words[0].into(),
        Kind::Scene | Kind::Text => "tunnel".into(),
    }
}

#[test]
fn every_address_stands_once_and_says_what_it_does() {
    let mut seen = HashSet::new();
    for entry in ENTRIES {
        assert!(seen.insert(entry.address), "{} stands twice", entry.address);
        assert!(!entry.help.is_empty() && !entry.help.ends_with('.') && !entry.label.is_empty(), "{entry:?}");
    }
}

#[test]
fn whatever_can_be_written_takes_a_value_of_its_kind_and_nothing_else_does() {
    for node in Tree::new(&state(), &schema(), &Status::default()).nodes() {
        let parsed = parse(&node.address, Some(&fitting(&node.entry.kind)));
        match node.access() {
            Access::Read => assert!(parsed.is_err(), "{}: {parsed:?}", node.address),
            Access::Write | Access::ReadWrite => assert!(matches!(parsed, Ok(Some(_))), "{}: {parsed:?}", node.address),
        }
    }
}

#[test]
fn letting_a_button_go_does_nothing() {
    assert_eq!(parse("/tempo/tap", Some(&Value::from(0.0))), Ok(None));
    assert_eq!(parse("/tempo/tap", None), Ok(Some(Action::Tap)));
    assert!(parse("/tempo/tap", Some(&Value::from("later"))).is_err());
}

#[test]
fn a_wrong_address_or_argument_is_named() {
    let error = |address, value: Option<Value>| parse(address, value.as_ref()).expect_err("wrong").to_string();
    assert_eq!(error("/tempo/tapp", None), "unknown address `/tempo/tapp`");
    assert_eq!(error("/tempo/bpm", Some("fast".into())), "`/tempo/bpm` takes a number");
    assert_eq!(
        error("/layer/back/blend", Some("wild".into())),
        "`/layer/back/blend` takes one of normal, add, multiply, screen"
    );
    assert_eq!(error("/tempo/lock", Some(true.into())), "`/tempo/lock` is read-only");
    assert_eq!(error("/layer//opacity", Some(1.0.into())), "unknown address `/layer//opacity`");
}

#[test]
fn what_is_told_of_a_state_can_be_set_again() {
    let mut state = state();
    state.in_hand = [("glow".into(), 0.25)].into();
    let told = of_state(&state, &["glow", "grain"]);
    for (address, value) in &told {
        assert!(parse(address, Some(value)).is_ok(), "{address} {value}");
    }
    assert!(told.contains(&("/param/glow".into(), Value::Number(0.25))), "{told:?}");
    let of_glow = told.iter().filter(|(address, _)| address == "/param/glow/auto");
    assert_eq!(of_glow.collect::<Vec<_>>(), [&("/param/glow/auto".to_owned(), false.into())], "once");
    assert!(told.contains(&("/param/grain/auto".into(), true.into())), "{told:?}");
    assert!(told.contains(&("/layer/back/scene/echo".into(), false.into())), "{told:?}");
}

#[test]
fn a_scene_lights_its_own_button_and_puts_the_others_out() {
    let told = of_change(&Change::Scene { layer: "back".into(), scene: "tunnel".into() }, &state());
    let expected: [(&str, Value); 3] = [
        ("/layer/back/scene", "tunnel".into()),
        ("/layer/back/scene/tunnel", true.into()),
        ("/layer/back/scene/echo", false.into()),
    ];
    assert_eq!(told, expected.map(|(address, value)| (address.to_owned(), value)));
}

#[test]
fn a_parameter_given_back_says_that_it_is_on_its_own() {
    let change = Change::InHand { name: "glow".into(), value: None };
    assert_eq!(of_change(&change, &state()), [("/param/glow/auto".to_owned(), Value::Bool(true))]);
}

#[test]
fn a_node_knows_its_range_its_choices_and_its_value() {
    let tree = Tree::new(&state(), &schema(), &status());
    let row = Row { values: [0.5, 128.0, 0.9, 1.5, f32::NAN, 0.25, 1.0].into(), ..Row::default() };
    let node = |address| tree.find(address).expect("there");
    assert_eq!(node("/param/glow").range, Some([0.0, 2.0]));
    let (state, status, timeline) = (state(), status(), Timeline::default());
    let now = timeline.time_of(Beats(2_050_000));
    let present = Present { state: &state, row: &row, timeline: &timeline, now, status: &status };
    let read = |address| node(address).read(&present);
    assert_eq!(read("/param/glow"), [1.5.into()]);
    assert_eq!(node("/tempo/bpm").range, Some([30.0, 300.0]));
    assert_eq!(node("/layer/back/scene").choices, ["tunnel", "echo"]);
    assert_eq!(read("/layer/back/opacity"), [0.5.into()]);
    assert_eq!(read("/signal/main/onset/low"), [0.5.into()]);
    assert_eq!(read("/signal/main/mel"), [0.0, 0.25, 1.0].map(Value::from), "what is no number is the least");
    assert_eq!(read("/tempo/text"), ["128.0".into()]);
    assert_eq!(read("/beat/3"), [true.into()], "50 thousandths of a beat after the third");
    assert_eq!((read("/beat/2"), read("/bar/blink")), (vec![false.into()], vec![false.into()]));
    assert_eq!(read("/node/wall-2/fps"), [60.0.into()]);
    assert_eq!(read("/output/desk/error"), ["nobody answers".into()]);
    assert!(read("/tempo/tap").is_empty());
    assert_eq!(node("/tempo/confidence").access(), Access::Read);
    assert!(tree.find("/layer/front/opacity").is_none());
}

#[test]
fn every_kind_of_signal_has_its_place() {
    let at = |name: &str| address(&Signal::scalar(name, Unit::Ratio, [0.0, 1.0]));
    assert_eq!(at("main.onset.low"), "/signal/main/onset/low");
    assert_eq!(at("tempo.bpm"), "/tempo/bpm");
    assert_eq!(at("param.back.opacity"), "/param/back.opacity");
}

/// A show with the cue `flash` and the rule `bars`.
fn with_cues() -> ShowState {
    let mut state = state();
    state.cues.insert("flash".into(), Cue::default());
    state.rules.insert("bars".into(), Rule { muted: true, rate: Rate::Half, ..Rule::default() });
    state
}

#[test]
fn cues_and_rules_have_nodes_of_their_own() {
    let state = with_cues();
    let tree = Tree::new(&state, &schema(), &Status::default());
    let value = |address: &str| {
        let node = tree.find(address).unwrap_or_else(|| panic!("{address}"));
        let names: Vec<&str> = node.names.iter().map(String::as_str).collect();
        node.entry.set_to(address, &names, &state)
    };
    assert_eq!(value("/cue/flash/fire"), Some(false.into()));
    assert_eq!(value("/cue/flash/count"), Some(0.0.into()));
    assert_eq!(value("/rule/bars/mute"), Some(true.into()), "as the rule itself says");
    assert_eq!(value("/rule/bars/rate"), Some("1/2".into()));
    assert_eq!(tree.find("/rule/bars/rate").map(|node| node.choices.len()), Some(5));
    assert_eq!(parse("/cue/flash/fire", None), Ok(Some(Action::FireCue { cue: "flash".into() })));
    assert!(matches!(parse("/rule/bars/mute", Some(&false.into())), Ok(Some(Action::Set { .. }))));
    assert!(parse("/rule/bars/rate", Some(&"3".into())).is_err());
}

#[test]
fn a_cue_is_lit_while_it_fades() {
    let mut state = with_cues();
    let fade = Fade { from: 0.0, to: 1.0, start: ShowTime(0), end: ShowTime(9), cue: "flash".into() };
    let begun = Change::Fade { address: "/layer/back/opacity".into(), fade };
    let ended = Change::FadeEnded { address: "/layer/back/opacity".into(), cue: "flash".into() };
    for (change, lit) in [(begun, true), (ended, false)] {
        state.apply(&change);
        assert_eq!(of_change(&change, &state), [("/cue/flash/fire".to_owned(), lit.into())]);
    }
}

#[test]
fn a_rule_that_was_muted_by_hand_stays_so_whatever_it_says_itself() {
    let mut state = with_cues();
    state.apply(&Change::Set { address: "/rule/bars/mute".into(), value: false.into() });
    state.apply(&Change::Set { address: "/rule/bars/rate".into(), value: "4".into() });
    assert!(!state.is_muted("bars"));
    assert_eq!(state.rate("bars"), Rate::Fourfold);
}

#[test]
fn what_a_surface_has_learnt_is_a_setting_and_an_empty_text_forgets_it() {
    let mut state = state();
    let at = learnt_at("desk", "fader.1");
    let mut set = |value: &str| {
        let action = parse(&at, Some(&value.into())).expect("parses").expect("does something");
        let Action::Set { address, value } = action else { panic!("{action:?}") };
        state.apply(&Change::Set { address, value });
        (
            state.settings.len(),
            learnt(&state).map(|it| (it.element.to_owned(), it.address.to_owned())).collect::<Vec<_>>(),
        )
    };
    assert_eq!(set("/param/glow"), (1, vec![("fader.1".into(), "/param/glow".into())]));
    assert_eq!(set(""), (0, vec![]));
    assert!(parse(LEARN, Some(&1.0.into())).is_err(), "an address is a text");
}

#[test]
fn a_new_name_makes_a_new_cue_and_a_mistake_is_told_with_its_place() {
    let parsed = |address: &str, text: &str| parse(address, Some(&text.into()));
    let new = parsed("/cue/new/definition", r#"{"safe": true}"#);
    let cue = Cue { safe: true, ..Cue::default() };
    assert_eq!(new, Ok(Some(Action::DefineCue { name: "new".into(), cue: cue.into() })));
    let wrong = parsed("/rule/new/definition", r#"{"do": [{"address": "/x", "vlaue": 1}]}"#).expect_err("wrong");
    assert_eq!(wrong.to_string(), "`/rule/new/definition`: do.0.vlaue: unknown key; did you mean `value`?");
    assert!(parsed("/cue/new/edited", "on").is_err(), "only read");
    assert_eq!(parse("/rule/bars/revert", None), Ok(Some(Action::RevertRule { name: "bars".into() })));
}

#[test]
fn what_is_edited_is_in_the_tree_but_no_surface_is_told_of_it() {
    let mut state = with_cues();
    state.edited.rules.insert("gone".into());
    let tree = Tree::new(&state, &schema(), &Status::default());
    let editing = |address: &str| tree.find(address).is_some_and(|node| node.entry.group == Group::Editing);
    assert!(editing("/cue/flash/definition") && editing("/rule/bars/remove") && editing("/rule/bars/edited"));
    assert!(editing("/rule/gone/revert"), "a rule of the configuration that was removed can be given back");
    assert!(tree.find("/rule/gone/fire").is_none());
    let surface = |address: &str| !address.ends_with("/definition") && !address.ends_with("/edited");
    assert!(of_state(&state, &[]).iter().all(|(address, _)| surface(address)));
    let change = Change::Cue { name: "flash".into(), cue: Some(Cue::default()), edited: true };
    assert!(of_change(&change, &state).iter().all(|(address, _)| surface(address)));
    assert_eq!(defined(&change).as_deref(), Some("/cue/flash/"));
    assert!(settable(&state, &[]).iter().all(|address| !address.ends_with("/remove")), "what cues and rules can set");
}
