//! Fades: nothing jumps, a hand wins, and every node computes the same values.

use crate::stage::{HOP_NS, Stage, cue, replayed, with};
use downbeat_protocol::fade::Span;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Cue, Event, ShowState, Value, tree};

fn dim(to: f64, seconds: f64) -> Cue {
    let set: [(&str, Value); 3] =
        [("/layer/back/opacity", to.into()), ("/param/glow", to.into()), ("/layer/back/scene", "echo".into())];
    Cue { fade: Some(Span::Seconds(seconds)), ..cue(&set) }
}

fn stage() -> Stage {
    Stage::new(&with(&[("up", dim(1.0, 1.0)), ("down", dim(0.0, 2.0))], &[]))
}

/// The opacity of the lower layer at the newest row, as a renderer draws it, and the parameter.
fn seen(stage: &Stage) -> [f32; 2] {
    let tick = stage.tick.as_ref().expect("a tick");
    let state: &ShowState = &tick.state;
    [state.opacity(&state.layers[0], tick.row.time), stage.parameter("glow")]
}

#[test]
fn numbers_move_without_a_jump_and_words_switch_at_the_start() {
    let mut stage = stage();
    stage.send("/param/glow", 1.0);
    stage.hop(HOP_NS);
    stage.send("/cue/down/fire", true);
    let mut before = [1.0; 2];
    for hop in 1..=375 {
        stage.hop(HOP_NS);
        let now = seen(&stage);
        assert_eq!(stage.state().layers[0].scene, "echo");
        for (now, before) in now.iter().zip(before) {
            let step = before - now;
            assert!((0.0..0.0028).contains(&step), "hop {hop}: {before} to {now}");
        }
        before = now;
    }
    stage.run(0.1);
    assert_eq!(seen(&stage), [0.0, 0.0]);
    assert!(stage.state().fades.is_empty() && !stage.state().is_fading("down"), "it has ended");
    assert_eq!((stage.state().layers[0].opacity, stage.state().in_hand["glow"]), (0.0, 0.0));
}

#[test]
fn surfaces_are_told_where_a_fade_begins_and_never_that_it_has_landed_before_it_has() {
    let mut stage = stage();
    stage.send("/param/glow", 1.0);
    stage.run(0.1);
    let mut state = stage.state().clone();
    stage.events.clear();
    stage.send("/cue/down/fire", true);
    stage.run(1.9);
    let mut told = Vec::new();
    for (_, event) in &stage.events {
        if let Event::Changed { change, .. } = event {
            state.apply(change);
            told.extend(tree::of_change(change, &state));
        }
    }
    let of = |address: &str| told.iter().filter(|it| it.0 == address).map(|it| &it.1).collect::<Vec<_>>();
    assert_eq!(of("/layer/back/opacity"), [&Value::Number(1.0)]);
    assert_eq!(of("/param/glow"), [&Value::Number(1.0)]);
}

#[test]
fn a_parameter_that_its_mapping_moved_fades_from_where_that_left_it() {
    let mut config = with(&[("up", dim(1.0, 1.0))], &[]);
    config.parameters.get_mut("glow").expect("glow").expression = Some("0.4".into());
    let mut stage = Stage::new(&config);
    stage.run(0.1);
    stage.send("/cue/up/fire", true);
    stage.hop(HOP_NS);
    assert!((0.4..0.41).contains(&stage.parameter("glow")), "{}", stage.parameter("glow"));
    stage.run(1.1);
    assert_eq!(stage.parameter("glow"), 1.0);
}

#[test]
fn a_second_fade_takes_over_from_the_current_value() {
    let mut stage = stage();
    stage.send("/param/glow", 1.0);
    stage.send("/cue/down/fire", true);
    stage.run(1.0);
    let [before, _] = seen(&stage);
    assert!((0.45..0.55).contains(&before));
    stage.send("/cue/up/fire", true);
    stage.hop(HOP_NS);
    let [after, _] = seen(&stage);
    assert!(after > before && after - before < 0.004, "{before} to {after}");
    assert!(!stage.state().is_fading("down") && stage.state().is_fading("up"));
    stage.run(1.1);
    assert_eq!(seen(&stage), [1.0, 1.0]);
}

#[test]
fn a_hand_that_moves_a_fader_stops_its_fade_and_no_other() {
    let mut stage = stage();
    stage.send("/param/glow", 1.0);
    stage.send("/cue/down/fire", true);
    stage.run(0.5);
    stage.send("/layer/back/opacity", 0.3);
    stage.run(0.5);
    let [opacity, glow] = seen(&stage);
    assert_eq!(opacity, 0.3);
    assert!((0.4..0.6).contains(&glow), "{glow}");
    stage.run(2.0);
    assert_eq!(seen(&stage), [0.3, 0.0]);
}

#[test]
fn what_a_hand_took_from_a_fade_goes_back_to_where_the_fade_was() {
    let mut stage = stage();
    stage.send("/param/glow", 1.0);
    stage.send("/cue/down/fire", true);
    stage.run(0.5);
    let [opacity, glow] = seen(&stage);
    stage.send("/layer/back/opacity", 0.1);
    stage.send("/param/glow", 0.1);
    stage.run(0.1);
    stage.send("/show/undo", true);
    stage.send("/show/undo", true);
    stage.run(0.1);
    let back = seen(&stage);
    // A hop lies between what was seen and the hand.
    assert!((back[0] - opacity).abs() < 0.01 && (back[1] - glow).abs() < 0.01, "{back:?}, not {opacity} and {glow}");
}

#[test]
fn surfaces_are_told_where_it_lands_and_the_cues_lamp_is_lit_until_then() {
    let mut stage = stage();
    let said = stage.send("/cue/down/fire", true);
    assert!(said.iter().any(|it| matches!(it, Event::Changed { change: Change::Opacity { opacity: 0.0, .. }, .. })));
    assert!(stage.state().is_fading("down"));
    stage.run(2.1);
    let ended =
        stage.events.iter().filter(|(_, it)| matches!(it, Event::Changed { change: Change::FadeEnded { .. }, .. }));
    assert_eq!(ended.count(), 2);
}

#[test]
fn whoever_was_told_all_events_sees_the_same_at_every_row() {
    let mut stage = stage();
    let start = stage.state().clone();
    stage.events.clear();
    for cue in ["/cue/down/fire", "/cue/up/fire", "/cue/down/fire"] {
        stage.send(cue, true);
        for _ in 0..100 {
            stage.hop(HOP_NS);
            let far = replayed(&start, &stage.events);
            assert_eq!(&far, stage.state());
            let time = stage.tick.as_ref().expect("a tick").row.time;
            let there = far.opacity(&far.layers[0], time);
            assert_eq!(there.to_bits(), seen(&stage)[0].to_bits());
        }
    }
}

#[test]
fn a_fade_of_beats_lasts_as_long_as_they_do() {
    let beats = Cue { fade: Some(Span::Beats(4.0)), ..dim(0.0, 0.0) };
    let mut stage = Stage::new(&with(&[("it", beats)], &[]));
    stage.send("/cue/it/fire", true);
    stage.run(1.0);
    assert!((0.45..0.55).contains(&seen(&stage)[0]));
    stage.run(1.1);
    assert_eq!(seen(&stage)[0], 0.0);
}
