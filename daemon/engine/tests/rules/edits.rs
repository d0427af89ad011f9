//! Editing cues and rules while the show runs.

use crate::stage::{HOP_NS, Stage, config, cue, press, rule, set, with};
use downbeat_protocol::rule::Occasion;
use downbeat_protocol::{Action, Cue, Event, Rule, ShowState, Value, tree};

fn define(name: &str, rule: Rule) -> Action {
    Action::DefineRule { name: name.into(), rule: rule.into() }
}

fn refusal(said: &[Event]) -> &str {
    match said {
        [Event::Refused { why, .. }] => why,
        _ => "",
    }
}

#[test]
fn a_rule_that_is_defined_acts_from_then_on_and_one_that_is_removed_no_more() {
    let mut stage = Stage::new(&config());
    stage.ask(define("it", rule(Occasion::Beat, vec![set("/param/glow", 0.5)])));
    stage.run(1.2);
    assert_eq!(stage.count("it"), 2);
    stage.ask(define("it", rule(Occasion::Bar, vec![set("/param/glow", 0.5)])));
    stage.run(2.0);
    assert_eq!(stage.count("it"), 3, "goes on counting");
    stage.ask(Action::RemoveRule { name: "it".into() });
    stage.run(4.0);
    assert!(stage.state().rules.is_empty() && stage.state().runs.is_empty());
}

#[test]
fn what_cannot_be_is_refused_and_what_was_there_stays() {
    let mut stage =
        Stage::new(&with(&[("flash", Cue::default())], &[("it", rule(Occasion::Key, vec![press("/cue/flash/fire")]))]));
    let mut say = |what: Action| refusal(&stage.ask(what)).to_owned();
    let why = say(define("it", rule(Occasion::Bar, vec![set("/param/glwo", 0.5)])));
    assert_eq!(why, "rule `it`: do.0.address: no parameter `glwo`; did you mean `glow`?");
    let why = say(define("it", Rule { only_if: "main.levl".into(), ..Rule::default() }));
    assert!(why.starts_with("if: unknown name `main.levl`"), "{why}");
    let why = say(define("a/b", Rule::default()));
    assert!(why.contains("letters, digits, - and _"), "{why}");
    let why = say(Action::RemoveCue { name: "flash".into() });
    assert_eq!(why, "rule `it`: do.0.address: no cue `flash`; there are none");
    let why = say(Action::RemoveRule { name: "no".into() });
    assert!(why.starts_with("no rule `no`"), "{why}");
    assert_eq!(stage.state().rules["it"].when, Occasion::Key);
    assert!(stage.state().cues.contains_key("flash"));
}

#[test]
fn a_cue_is_made_changed_removed_and_given_back_by_address() {
    let configured = cue(&[("/param/glow", 0.5.into())]);
    let mut stage = Stage::new(&with(&[("glow", configured.clone())], &[]));
    stage.send("/cue/new/definition", r#"{"set": [{"address": "/param/hue", "value": 0.25}], "fade": {"beats": 4}}"#);
    assert_eq!(stage.state().cues["new"].set[0].address, "/param/hue");
    let told = |stage: &Stage, address: &str| {
        let (entry, names) = tree::entry(address).expect("there");
        entry.set_to(address, &names, stage.state())
    };
    let Some(Value::Text(text)) = told(&stage, "/cue/new/definition") else { panic!("a text") };
    assert_eq!(text, r#"{"set":[{"address":"/param/hue","value":0.25}],"fade":{"beats":4.0}}"#);
    stage.send("/cue/glow/definition", "{}");
    assert_eq!(told(&stage, "/cue/glow/edited"), Some(true.into()));
    stage.send("/cue/glow/remove", true);
    assert!(!stage.state().cues.contains_key("glow"));
    stage.send("/cue/glow/revert", true);
    assert_eq!(stage.state().cues["glow"], configured);
    assert_eq!(told(&stage, "/cue/glow/edited"), Some(false.into()));
}

#[test]
fn a_rule_that_is_muted_by_hand_is_told_as_muted() {
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::Bar, vec![]))]));
    stage.send("/rule/it/mute", true);
    let (entry, names) = tree::entry("/rule/it/definition").expect("there");
    let told = entry.set_to("/rule/it/definition", &names, stage.state());
    assert_eq!(told, Some(r#"{"when":"bar","do":[],"muted":true}"#.into()));
    stage.send("/rule/it/definition", told.expect("a text"));
    assert!(stage.state().is_muted("it"), "sent back, it is as it was");
}

#[test]
fn while_the_show_is_locked_nothing_is_edited() {
    let mut stage = Stage::new(&with(&[("glow", Cue::default())], &[]));
    stage.send("/show/lock", true);
    for (address, value) in
        [("/cue/new/definition", "{}"), ("/cue/glow/remove", "true"), ("/rule/new/definition", "{}")]
    {
        assert!(refusal(&stage.send(address, value)).contains("the show is locked"), "{address}");
    }
    assert_eq!(stage.state().cues.len(), 1);
}

#[test]
fn no_cue_and_no_rule_edits_another() {
    let mut stage = Stage::new(&with(&[("glow", Cue::default())], &[]));
    let why = stage.ask(define("it", rule(Occasion::Bar, vec![press("/cue/glow/remove")])));
    assert_eq!(refusal(&why), "rule `it`: do.0.address: only people can set `/cue/glow/remove`");
}

#[test]
fn there_is_room_for_so_many() {
    let mut stage = Stage::new(&config());
    for number in 0..128 {
        assert!(refusal(&stage.ask(Action::DefineCue { name: format!("c{number}"), cue: Box::default() })).is_empty());
    }
    let why = stage.ask(Action::DefineCue { name: "more".into(), cue: Box::default() });
    assert_eq!(refusal(&why), "a show has at most 128 cues and 128 rules");
}

#[test]
fn what_was_edited_survives_a_restart_and_holds_over_the_file_until_it_is_reverted() {
    let of = |value: f64| cue(&[("/param/glow", value.into())]);
    let file = with(&[("a", of(0.1)), ("b", of(0.2)), ("c", of(0.3))], &[]);
    let mut stage = Stage::new(&file);
    stage.ask(Action::DefineCue { name: "a".into(), cue: of(0.9).into() });
    stage.ask(Action::RemoveCue { name: "b".into() });
    stage.ask(Action::DefineCue { name: "new".into(), cue: of(0.7).into() });
    let saved: ShowState = stage.state().clone();
    // In between, somebody edits the file.
    let file = with(&[("a", of(0.15)), ("b", of(0.25)), ("c", of(0.35)), ("d", of(0.4))], &[]);
    let mut stage = Stage::after(&file, Some(saved));
    let values = |stage: &Stage| {
        let of =
            |(name, cue): (&String, &Cue)| (name.clone(), cue.set[0].value.as_ref().and_then(|value| value.number()));
        stage
            .state()
            .cues
            .iter()
            .map(of)
            .map(|(name, value)| format!("{name} {}", value.unwrap_or(0.0)))
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&stage), ["a 0.9", "c 0.35", "d 0.4", "new 0.7"]);
    for name in ["a", "b", "new"] {
        stage.ask(Action::RevertCue { name: name.into() });
    }
    assert_eq!(values(&stage), ["a 0.15", "b 0.25", "c 0.35", "d 0.4"]);
    let why = stage.ask(Action::RevertCue { name: "a".into() });
    assert_eq!(refusal(&why), "cue `a` has no edits: it is as configured");
}

#[test]
fn an_edited_rule_whose_signal_is_gone_after_a_restart_says_so_and_rests() {
    let mut stage = Stage::new(&config());
    stage.ask(define(
        "it",
        Rule { only_if: "main.level < 2".into(), ..rule(Occasion::Beat, vec![set("/param/glow", 0.5)]) },
    ));
    stage.run(0.6);
    let mut less = config();
    less.fields.remove(0);
    let mut stage = Stage::after(&less, Some(stage.state().clone()));
    stage.run(1.1);
    assert_eq!(stage.count("it"), 1, "as before the restart");
    let says_so = |stage: &Stage| stage.state().troubles["it"].contains("unknown name `main.level`");
    assert!(says_so(&stage), "{:?}", stage.state().troubles);
    stage.send("/rule/it/fire", true);
    assert_eq!(stage.count("it"), 1, "nor by hand, without its condition");
    stage.send("/rule/it/mute", true);
    stage.send("/rule/it/mute", false);
    stage.ask(define("other", rule(Occasion::Bar, vec![set("/param/glow", 0.5)])));
    assert!(says_so(&stage), "whatever else is changed: {:?}", stage.state().troubles);
}

#[test]
fn mute_and_rate_survive_a_restart_and_a_new_definition_says_them_anew() {
    let beat = rule(Occasion::Beat, vec![set("/param/glow", 0.5)]);
    let file = with(&[], &[("it", beat.clone())]);
    let mut stage = Stage::new(&file);
    stage.send("/rule/it/rate", "2");
    stage.send("/rule/it/mute", true);
    let mut stage = Stage::after(&file, Some(stage.state().clone()));
    stage.run(1.1);
    assert_eq!(stage.count("it"), 0);
    stage.send("/rule/it/mute", false);
    stage.run(1.0);
    assert_eq!(stage.count("it"), 4, "twice as often");
    stage.ask(define("it", Rule { muted: true, ..beat }));
    stage.run(1.0);
    assert_eq!(stage.count("it"), 4);
    stage.hop(HOP_NS);
    assert_eq!(stage.state().rate("it").name(), "1");
}
