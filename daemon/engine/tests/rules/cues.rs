//! Cues: fired by hand, by rule, now or with the beat.

use crate::stage::{HOP_NS, Stage, cue, press, rule, with};
use downbeat_engine::Engine;
use downbeat_protocol::rule::Occasion;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Cue, Event, When};

#[test]
fn a_cue_sets_all_that_it_says_in_its_order() {
    let look = cue(&[
        ("/layer/back/scene", "echo".into()),
        ("/layer/back/blend", "add".into()),
        ("/param/glow", 0.75.into()),
        ("/show/blackout", false.into()),
    ]);
    let mut stage = Stage::new(&with(&[("look", look)], &[]));
    stage.send("/show/blackout", true);
    let said = stage.send("/cue/look/fire", true);
    stage.hop(HOP_NS);
    let state = stage.state();
    assert_eq!((state.layers[0].scene.as_str(), state.layers[0].blend.name()), ("echo", "add"));
    assert_eq!((stage.parameter("glow"), state.blackout, state.fired["look"]), (0.75, false, 1));
    let by_cue = |event: &Event| matches!(event, Event::Changed { by, .. } if by == "cue:look");
    assert!(said.iter().all(by_cue), "so that the surface that fired it is told, too: {said:?}");
}

#[test]
fn a_cue_waits_for_the_beat_that_it_names_unless_whoever_fires_it_names_another() {
    let wait = Cue { when: When::Bar, ..cue(&[("/show/blackout", true.into())]) };
    let mut stage = Stage::new(&with(&[("wait", wait)], &[]));
    let mut lit_until = |address: &str| {
        stage.send("/show/blackout", false);
        stage.send(address, true);
        let start = stage.now;
        while !stage.state().blackout {
            stage.hop(HOP_NS);
        }
        let seconds = stage.now.since(start) as f64 * 1e-9;
        while (stage.now.as_secs_f64() + 0.002) % 2.0 >= 0.01 {
            stage.hop(HOP_NS);
        }
        seconds
    };
    lit_until("/cue/wait/fire");
    assert!((1.9..2.1).contains(&lit_until("/cue/wait/fire")));
    assert!((0.4..0.6).contains(&lit_until("/next/beat/cue/wait/fire")));
}

#[test]
fn a_rule_fires_a_cue_that_waits_as_a_hand_does() {
    let wait = Cue { when: When::Bar, ..cue(&[("/show/blackout", true.into())]) };
    let rules = [("it", rule(Occasion::Beat, vec![press("/cue/wait/fire")]))];
    let mut stage = Stage::new(&with(&[("wait", wait)], &rules));
    stage.run(0.7);
    stage.send("/rule/it/mute", true);
    stage.run(1.2);
    assert!(!stage.state().blackout);
    stage.run(0.2);
    assert!(stage.state().blackout);
}

#[test]
fn a_cue_that_is_not_there_is_refused_with_what_was_meant() {
    let mut stage = Stage::new(&with(&[("flash", Cue::default())], &[]));
    let refused = stage.send("/cue/flsh/fire", true);
    assert!(matches!(&refused[..], [Event::Refused { why, .. }] if why == "no cue `flsh`; did you mean `flash`?"));
}

#[test]
fn a_cue_that_names_what_is_not_there_is_refused_at_the_start() {
    let bad = cue(&[("/param/glow", 0.5.into()), ("/layer/bakc/opacity", 0.5.into())]);
    let error = Engine::new(&with(&[("bad", bad)], &[]), None).expect_err("refused");
    assert_eq!(error.path(), ["cue", "bad", "set", "1", "address"]);
    assert_eq!(error.problem(), "no layer `bakc`; did you mean `back`?");
    let error = Engine::new(&with(&[("a b", Cue::default())], &[]), None).expect_err("refused");
    assert!(error.to_string().contains("letters, digits, - and _"), "{error}");
}

#[test]
fn cues_that_fire_each_other_end_where_the_circle_closes() {
    let cues = [("a", cue(&[("/cue/b/fire", true.into())])), ("b", cue(&[("/cue/a/fire", true.into())]))];
    let mut stage = Stage::new(&with(&cues, &[]));
    let said = stage.send("/cue/a/fire", true);
    assert_eq!((stage.state().fired["a"], stage.state().fired["b"]), (1, 1));
    let refused = said.iter().find_map(|event| if let Event::Refused { why, .. } = event { Some(why) } else { None });
    assert!(refused.is_some_and(|why| why.ends_with("in a loop: cue:a → cue:b → cue:a")), "{said:?}");
    assert!(said.iter().any(|event| matches!(event, Event::Changed { change: Change::Fired { .. }, .. })));
}
