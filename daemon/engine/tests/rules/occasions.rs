//! What fires rules, and which of their steps they take.

use crate::stage::{HOP_NS, Stage, act, config, press, rule, set, with};
use downbeat_engine::Engine;
use downbeat_protocol::rule::{Act, Choice, Crossing, Euclid, Occasion, Ramp, Rate, Step};
use downbeat_protocol::state::Change;
use downbeat_protocol::{Action, Event, Rule};

fn glow() -> Vec<Step> {
    vec![set("/param/glow", 0.5)]
}

fn times(rule: Rule, seconds: f64) -> Vec<f64> {
    let mut stage = Stage::new(&with(&[], &[("it", rule)]));
    stage.run(seconds);
    stage.times("it")
}

#[test]
fn beats_bars_and_phrases_set_rules_off_where_they_begin() {
    assert_eq!(times(rule(Occasion::Beat, glow()), 2.2), [0.5, 1.0, 1.5, 2.0]);
    assert_eq!(times(rule(Occasion::Bar, glow()), 6.2), [2.0, 4.0, 6.0]);
    assert_eq!(times(rule(Occasion::Phrase, glow()), 16.2), [8.0, 16.0]);
    assert_eq!(times(Rule { every: 3, ..rule(Occasion::Bar, glow()) }, 12.2), [6.0, 12.0]);
}

#[test]
fn a_rate_makes_a_rule_act_more_or_less_often() {
    let at = |rate| times(Rule { rate, ..rule(Occasion::Bar, glow()) }, 4.2);
    assert_eq!(at(Rate::Double), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(at(Rate::Half), [4.0]);
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::Bar, glow()))]));
    stage.send("/rule/it/rate", "4");
    stage.run(2.2);
    assert_eq!(stage.times("it"), [0.5, 1.0, 1.5, 2.0]);
}

#[test]
fn a_muted_rule_is_silent_and_goes_on_when_it_is_heard_again() {
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::Beat, glow()))]));
    stage.run(1.2);
    stage.send("/rule/it/mute", true);
    stage.run(1.0);
    assert_eq!(stage.count("it"), 2);
    let refused = stage.send("/rule/it/fire", true);
    assert!(matches!(&refused[..], [Event::Refused { why, .. }] if why == "rule `it` is muted"), "{refused:?}");
    stage.send("/rule/it/mute", false);
    stage.run(1.0);
    assert_eq!(stage.times("it"), [0.5, 1.0, 2.5, 3.0]);
}

#[test]
fn without_a_beat_no_beats_set_rules_off() {
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::Beat, glow()))]));
    stage.ask(Action::Hold(false));
    stage.run(3.0);
    assert_eq!(stage.count("it"), 0);
}

#[test]
fn drops_and_sections_are_counted_and_an_analyser_that_begins_anew_is_none() {
    let drop = rule(Occasion::Drop, glow());
    let mut stage = Stage::new(&with(&[], &[("drop", drop), ("section", rule(Occasion::Section, glow()))]));
    for drops in [7.0, 7.0, 8.0, 8.0, 9.0, 0.0, 0.0, 1.0] {
        stage.observe([0.0, drops, 0.0, 0.0]);
        stage.hop(HOP_NS);
    }
    assert_eq!((stage.count("drop"), stage.count("section")), (3, 0));
}

#[test]
fn every_second_drop_is_the_first_the_third_and_so_on() {
    let drop = Rule { every: 2, ..rule(Occasion::Drop, glow()) };
    let mut stage = Stage::new(&with(&[], &[("drop", drop)]));
    let counts = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(|drops| {
        stage.observe([0.0, drops, 0.0, 0.0]);
        stage.hop(HOP_NS);
        stage.count("drop")
    });
    assert_eq!(counts, [0, 1, 1, 2, 2, 3]);
}

#[test]
fn a_build_up_sets_rules_off_when_it_begins() {
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::BuildUp, glow()))]));
    for build_up in [0.1, 0.4, 0.6, 0.45, 0.9, 0.1, 0.6] {
        stage.observe([0.0, 0.0, 0.0, build_up]);
        stage.hop(HOP_NS);
    }
    assert_eq!(stage.count("it"), 2);
}

#[test]
fn the_state_of_the_music_sets_rules_off_when_it_becomes_so() {
    let rules = [("plays", rule(Occasion::Playing, glow())), ("gone", rule(Occasion::NoSignal, glow()))];
    let mut stage = Stage::new(&with(&[], &rules));
    stage.observe([0.0; 4]);
    stage.run(0.1);
    assert_eq!((stage.count("plays"), stage.count("gone")), (1, 0));
    stage.engine.observe(0, &[], None);
    stage.run(0.1);
    assert_eq!((stage.count("plays"), stage.count("gone")), (1, 1));
}

#[test]
fn a_signal_crosses_a_value_once_until_it_has_gone_back() {
    let crossing = |value| Crossing { signal: "main.level * 2".into(), value, hysteresis: 0.4 };
    let rules =
        [("up", rule(Occasion::Above(crossing(1.0)), glow())), ("down", rule(Occasion::Below(crossing(0.4)), glow()))];
    let mut stage = Stage::new(&with(&[], &rules));
    for level in [0.1, 0.6, 0.45, 0.6, 0.25, 0.5, 0.1] {
        stage.observe([level, 0.0, 0.0, 0.0]);
        stage.hop(HOP_NS);
    }
    assert_eq!((stage.count("up"), stage.count("down")), (2, 1));
}

#[test]
fn a_key_and_another_rule_fire_a_rule() {
    let rules = [
        ("key", rule(Occasion::Key, vec![press("/rule/other/fire"), press("/cue/dim/fire")])),
        ("other", rule(Occasion::Key, glow())),
    ];
    let mut stage = Stage::new(&with(&[("dim", Default::default())], &rules));
    stage.run(0.5);
    assert_eq!(stage.count("key"), 0);
    stage.send("/rule/key/fire", true);
    assert_eq!((stage.count("key"), stage.count("other"), stage.state().fired["dim"]), (1, 1, 1));
    assert_eq!(stage.state().in_hand["glow"], 0.5);
}

#[test]
fn a_rule_acts_only_if_its_condition_holds() {
    let loud = Rule { only_if: "main.level > 0.5".into(), ..rule(Occasion::Beat, glow()) };
    let mut stage = Stage::new(&with(&[], &[("it", loud)]));
    stage.observe([0.4, 0.0, 0.0, 0.0]);
    stage.run(1.2);
    assert_eq!(stage.count("it"), 0);
    stage.observe([0.6, 0.0, 0.0, 0.0]);
    stage.run(0.5);
    assert_eq!(stage.count("it"), 1);
    let never = Rule { only_if: "1 / 0".into(), ..rule(Occasion::Beat, glow()) };
    assert_eq!(times(never, 2.0), [0.0; 0], "what has no value does not hold");
}

#[test]
fn a_condition_finds_the_beat_that_set_the_rule_off() {
    let third = Rule { only_if: "step(2, bar.beat) - step(3, bar.beat)".into(), ..rule(Occasion::Beat, glow()) };
    assert_eq!(times(third, 5.2), [1.0, 3.0, 5.0]);
}

#[test]
fn steps_toggle_step_and_ramp_from_what_is_there() {
    let steps = vec![
        act("/show/blackout", Act::Toggle),
        act("/layer/back/scene", Act::Next),
        act("/layer/front/scene", Act::Previous),
        act("/layer/front/opacity", Act::Add(-0.4)),
        act("/param/glow", Act::Add(0.25)),
        act("/param/hue", Act::Ramp(Ramp { from: 0.0, to: 1.0, times: 3 })),
    ];
    let mut stage = Stage::new(&with(&[], &[("it", rule(Occasion::Key, steps))]));
    let mut seen = Vec::new();
    for _ in 0..4 {
        stage.send("/rule/it/fire", true);
        stage.hop(HOP_NS);
        let state = stage.state();
        let opacity = (state.layers[1].opacity * 10.0).round();
        seen.push((state.blackout, state.layers[0].scene.clone(), state.layers[1].scene.clone(), opacity));
    }
    let at = |blackout, back: &str, front: &str, opacity| (blackout, back.to_owned(), front.to_owned(), opacity);
    assert_eq!(
        seen,
        [
            at(true, "echo", "spectrum", 6.0),
            at(false, "spectrum", "echo", 2.0),
            at(true, "tunnel", "tunnel", 0.0),
            at(false, "echo", "spectrum", 0.0),
        ]
    );
    assert_eq!((stage.parameter("glow"), stage.parameter("hue")), (1.0, 0.0), "the ramp has begun again");
}

#[test]
fn choices_take_one_step_at_a_time_and_weigh_them() {
    let scenes = ["tunnel", "echo", "spectrum"];
    let run = |choice| {
        let steps = scenes.map(|scene| set("/layer/back/scene", scene)).into();
        let mut stage = Stage::new(&with(&[], &[("it", Rule { choice, ..rule(Occasion::Beat, steps) })]));
        stage.run(30.2);
        let of = |(_, event): &(_, Event)| match event {
            Event::Changed { change: Change::Scene { scene, .. }, .. } => Some(scene.clone()),
            _ => None,
        };
        stage.events.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(run(Choice::Cycle)[..4], ["tunnel", "echo", "spectrum", "tunnel"]);
    let shuffled = run(Choice::Shuffle);
    assert_eq!(shuffled.len(), 60);
    assert!(shuffled.chunks(3).all(|round| scenes.iter().all(|scene| round.contains(&(*scene).to_owned()))));
    assert_eq!(run(Choice::All).len(), 180);
}

#[test]
fn a_euclidean_pattern_lies_on_the_bars_whenever_the_rule_began() {
    let tresillo = Rule {
        euclid: Some(Euclid { hits: 3, steps: 8, rotation: 0 }),
        rate: Rate::Double,
        ..rule(Occasion::Beat, glow())
    };
    let mut stage = Stage::new(&with(&[], &[("it", tresillo)]));
    stage.run(4.1);
    assert_eq!(stage.times("it"), [0.8, 1.5, 2.0, 2.8, 3.5, 4.0], "x..x..x. on quavers of a quarter of a second");
}

#[test]
fn chance_lets_a_rule_act_as_often_as_it_says_and_the_same_way_each_time() {
    let rule = Rule { chance: 0.5, ..rule(Occasion::Beat, glow()) };
    let once = times(rule.clone(), 100.2);
    assert!((70..130).contains(&once.len()), "{}", once.len());
    assert_eq!(once, times(rule, 100.2));
}

#[test]
fn what_cannot_be_is_refused_with_the_keys_that_lead_there_and_what_was_meant() {
    let bad = |rule: Rule| {
        let error = Engine::new(&with(&[("flash", Default::default())], &[("it", rule)]), None).expect_err("refused");
        (error.path().join("."), error.problem())
    };
    let step = |step: Step| bad(rule(Occasion::Bar, vec![set("/param/glow", 0.1), step]));
    let table = [
        (step(set("/param/glwo", 0.1)), "rule.it.do.1.address", "no parameter `glwo`; did you mean `glow`?"),
        (step(set("/layer/back/opactiy", 0.1)), "rule.it.do.1.address", "did you mean `/layer/back/opacity`?"),
        (step(press("/cue/flsh/fire")), "rule.it.do.1.address", "no cue `flsh`; did you mean `flash`?"),
        (step(set("/param/glow", 1.5)), "rule.it.do.1.value", "1.5 is out of range; `/param/glow` takes 0 to 1"),
        (step(set("/layer/back/scene", "eco")), "rule.it.do.1.address", "no scene `eco`; did you mean `echo`?"),
        (step(act("/layer/back/opacity", Act::Next)), "rule.it.do.1.act", "has no next: it is not a choice"),
        (step(act("/param/hue", Act::Toggle)), "rule.it.do.1.act", "it is not a switch"),
        (step(press("/lead/take")), "rule.it.do.1.address", "only people can set `/lead/take`"),
        (
            bad(Rule { only_if: "main.levl > 1".into(), ..rule(Occasion::Bar, glow()) }),
            "rule.it.if",
            "did you mean `main.level`?",
        ),
        (bad(Rule { every: 0, ..rule(Occasion::Bar, glow()) }), "rule.it.every", "0 is out of range"),
        (bad(Rule { chance: 2.0, ..rule(Occasion::Bar, glow()) }), "rule.it.chance", "2 is out of range"),
        (
            bad(rule(Occasion::Unknown("barr".into()), glow())),
            "rule.it.when",
            "unknown occasion `barr`; did you mean `bar`?",
        ),
        (
            bad(rule(Occasion::Above(Crossing { signal: "main.lvl".into(), ..Crossing::default() }), glow())),
            "rule.it.when.above.signal",
            "unknown name `main.lvl`",
        ),
    ];
    for ((path, problem), expected_path, expected) in table {
        assert!(path == expected_path && problem.contains(expected), "{path}: {problem}");
    }
    assert!(Engine::new(&config(), None).is_ok());
}
