//! Another configuration while the show runs.

use crate::stage::{Stage, config, cue, press, rule, set, with};
use downbeat_engine::{Adoption, EngineConfig, ParameterConfig};
use downbeat_protocol::rule::{Occasion, Rate};
use downbeat_protocol::{Action, Event, Rule};

impl Stage {
    /// Adopts a configuration; what was said.
    fn adopt(&mut self, before: &EngineConfig, config: &EngineConfig) -> Vec<Event> {
        let adoption = Adoption::new(before, config).unwrap_or_else(|error| panic!("{error}"));
        let mut out = Vec::new();
        self.engine.adopt(adoption, &mut out);
        out
    }
}

fn parameter(expression: &str) -> ParameterConfig {
    ParameterConfig { expression: Some(expression.into()), ..ParameterConfig::default() }
}

fn with_parameters(parameters: &[(&str, ParameterConfig)]) -> EngineConfig {
    let parameters = parameters.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
    EngineConfig { parameters, ..config() }
}

#[test]
fn a_mapping_changes_and_glides_from_where_it_is() {
    let slow = |expression: &str| ParameterConfig { attack_ms: 500.0, release_ms: 500.0, ..parameter(expression) };
    let before = with_parameters(&[("glow", slow("0.8")), ("hue", parameter("0.5"))]);
    let mut stage = Stage::new(&before);
    stage.run(5.0);
    let was = stage.parameter("glow");
    assert!((was - 0.8).abs() < 1e-3, "{was}");
    let after = with_parameters(&[("glow", slow("0.2")), ("hue", parameter("0.5"))]);
    let said = stage.adopt(&before, &after);
    assert!(!said.iter().any(|event| matches!(event, Event::Schema(_))), "the row is the same");
    stage.run(0.006);
    // One or two hops of a fall with a time constant of half a second.
    let first = stage.parameter("glow");
    assert!((0.78..was).contains(&first), "{first} after {was}");
    stage.run(5.0);
    assert!((stage.parameter("glow") - 0.2).abs() < 1e-3);
    assert_eq!(stage.parameter("hue"), 0.5);
}

#[test]
fn a_new_parameter_widens_the_row_and_nothing_else_moves() {
    let before = with_parameters(&[("hue", parameter("0.5")), ("zoom", parameter("0.25"))]);
    let mut stage = Stage::new(&before);
    stage.ask(Action::Parameter { name: "zoom".into(), value: 0.75 });
    stage.run(1.0);
    let (line, seq) = (*stage.engine.timeline(), stage.tick.as_ref().expect("ran").row.seq);
    let after = with_parameters(&[
        ("glow", parameter("param.hue * 2")),
        ("hue", parameter("0.5")),
        ("zoom", parameter("0.25")),
    ]);
    let said = stage.adopt(&before, &after);
    let Some(Event::Schema(schema)) = said.first() else { panic!("{said:?}") };
    stage.run(0.006);
    let row = &stage.tick.as_ref().expect("ran").row;
    assert_eq!(row.values.len(), schema.width());
    assert!(row.seq > seq, "rows count on");
    assert_eq!(*stage.engine.timeline(), line, "the beat stays");
    assert_eq!(["glow", "hue", "zoom"].map(|name| stage.parameter(name)), [1.0, 0.5, 0.75]);
}

#[test]
fn what_was_set_by_hand_stays_unless_the_configuration_sets_it_anew() {
    let before = config();
    let mut stage = Stage::new(&before);
    stage.ask(Action::Scene { layer: "back".into(), scene: "echo".into() });
    stage.ask(Action::Opacity { layer: "front".into(), opacity: 0.5 });
    let mut after = config();
    after.layers[1].scene = "spectrum".into();
    stage.adopt(&before, &after);
    let layers = &stage.state().layers;
    assert_eq!((layers[0].scene.as_str(), layers[1].scene.as_str()), ("echo", "spectrum"));
    assert_eq!(layers[1].opacity, 0.5);
    // The file sets it back.
    stage.adopt(&after, &before);
    assert_eq!(stage.state().layers[1].scene, "tunnel");
}

#[test]
fn rules_and_cues_come_change_and_go_and_an_unchanged_one_does_not_act_anew() {
    let above = |to: f64| {
        let crossing = downbeat_protocol::rule::Crossing { signal: "main.level".into(), value: 0.5, hysteresis: 0.1 };
        rule(Occasion::Above(crossing), vec![set("/param/glow", to)])
    };
    let before = with(&[("flash", cue(&[("/param/hue", 1.0.into())]))], &[("loud", above(1.0))]);
    let mut stage = Stage::new(&before);
    stage.observe([0.9, 0.0, 0.0, 0.0]);
    stage.run(0.1);
    assert_eq!(stage.count("loud"), 1);
    let after = with(
        &[("flash", cue(&[("/param/hue", 0.5.into())])), ("calm", cue(&[]))],
        &[("loud", above(1.0)), ("beats", rule(Occasion::Beat, vec![press("/cue/flash/fire")]))],
    );
    stage.adopt(&before, &after);
    stage.run(1.1);
    assert_eq!(stage.count("loud"), 1, "still loud");
    assert_eq!(stage.count("beats"), 2);
    assert_eq!(stage.state().in_hand["hue"], 0.5, "the cue as it is now");
    stage.adopt(&after, &before);
    let counted = stage.count("loud");
    stage.run(1.1);
    assert_eq!(stage.count("loud"), counted);
    assert!(!stage.state().rules.contains_key("beats") && !stage.state().cues.contains_key("calm"));
}

#[test]
fn what_the_configuration_changes_holds_over_what_was_edited_and_muted_on_stage() {
    let of = |value: f64| cue(&[("/param/glow", value.into())]);
    let bars = |muted: bool, rate: Rate| Rule { muted, rate, ..rule(Occasion::Bar, vec![press("/cue/a/fire")]) };
    let file = |a: f64, quick: Rule| {
        with(&[("a", of(a)), ("b", of(0.2))], &[("quick", quick), ("calm", bars(false, Rate::One))])
    };
    let before = file(0.1, bars(false, Rate::One));
    let mut stage = Stage::new(&before);
    for name in ["a", "b"] {
        stage.ask(Action::DefineCue { name: name.into(), cue: of(0.9).into() });
    }
    let edited = rule(Occasion::Beat, vec![press("/cue/a/fire")]);
    stage.ask(Action::DefineRule { name: "quick".into(), rule: edited.into() });
    for rule in ["quick", "calm"] {
        stage.send(&format!("/rule/{rule}/mute"), true);
        stage.send(&format!("/rule/{rule}/rate"), "4");
    }
    // The rate of one rule and the content of one cue change; nobody touched the rest.
    let after = file(0.5, bars(false, Rate::Half));
    stage.adopt(&before, &after);
    let state = stage.state();
    assert_eq!((&state.cues["a"], &state.cues["b"]), (&of(0.5), &of(0.9)));
    assert_eq!(state.rules["quick"].when, Occasion::Bar);
    assert_eq!((state.rate("quick"), state.rate("calm")), (Rate::Half, Rate::Fourfold));
    assert!(state.is_muted("quick") && state.is_muted("calm"));
    assert!(!state.edited.cues.contains("a") && state.edited.cues.contains("b"));
    stage.adopt(&after, &file(0.5, bars(true, Rate::Half)));
    stage.adopt(&file(0.5, bars(true, Rate::Half)), &after);
    assert!(!stage.state().is_muted("quick") && stage.state().is_muted("calm"));
}

#[test]
fn why_a_rule_does_not_act_is_told_after_every_change() {
    let before = with_parameters(&[("glow", parameter("0.5")), ("hue", parameter("0.5")), ("gone", parameter("0.5"))]);
    let mut stage = Stage::new(&before);
    let edited = Rule { only_if: "param.gone > 0".into(), ..rule(Occasion::Bar, vec![set("/param/glow", 1.0)]) };
    stage.ask(Action::DefineRule { name: "it".into(), rule: edited.into() });
    assert_eq!(stage.state().troubles.get("it"), None);
    let without = with_parameters(&[("glow", parameter("0.5")), ("hue", parameter("0.5"))]);
    stage.adopt(&before, &without);
    assert!(stage.state().troubles["it"].contains("param.gone"));
    let brighter = with_parameters(&[("glow", parameter("0.75")), ("hue", parameter("0.5"))]);
    stage.adopt(&without, &brighter);
    assert!(stage.state().troubles["it"].contains("param.gone"), "the row is the same");
}

#[test]
fn a_configuration_with_a_mistake_cannot_be_adopted() {
    let before = config();
    assert!(Adoption::new(&before, &with_parameters(&[("glow", parameter("main.levl"))])).is_err());
    assert!(
        Adoption::new(&before, &with(&[], &[("it", rule(Occasion::Beat, vec![press("/cue/gone/fire")]))])).is_err()
    );
}
