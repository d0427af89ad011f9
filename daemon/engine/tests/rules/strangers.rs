//! Strangers that fill every queue that they can.

use crate::stage::{Stage, cue, press, rule, set, with};
use downbeat_protocol::rule::Occasion;
use downbeat_protocol::{Cue, Event, When};

/// A rule whose cue waits for the bar, and one whose cue comes at once.
fn show() -> Stage {
    let bar = Cue { when: When::Bar, ..cue(&[("/layer/back/opacity", 0.5.into())]) };
    let now = cue(&[("/layer/front/opacity", 0.5.into())]);
    let rules = [
        ("bar", rule(Occasion::Beat, vec![press("/cue/bar/fire")])),
        ("now", rule(Occasion::Beat, vec![press("/cue/now/fire")])),
    ];
    let mut stage = Stage::new(&with(&[("bar", bar), ("now", now)], &rules));
    stage.run(0.1);
    stage
}

fn is_taken(said: &[Event]) -> bool {
    !said.iter().any(|event| matches!(event, Event::Refused { .. }))
}

/// Sends from two ports of each machine that is its own, and from one that may be forged.
fn flood(stage: &mut Stage, machines: usize, address: &str) -> usize {
    let mut taken = 0;
    for number in 0..600 {
        for machine in 0..machines {
            for mark in ["1", "2", "3?"] {
                let from = format!("osc:192.0.2.{}:{number}{mark}", 60 + machine);
                taken += usize::from(is_taken(&stage.send_from(&from, address, 5.0)));
            }
        }
    }
    taken
}

#[test]
fn machines_that_fill_the_queue_for_the_phrase_stop_neither_the_operator_nor_a_rule() {
    let mut stage = show();
    assert_eq!(flood(&mut stage, 8, "/next/phrase/tempo/nudge"), 768);
    for from in ["quic:desk", "web:192.0.2.9:4000", "osc:192.0.2.8:9000+", "osc:192.0.2.7:9000"] {
        assert!(is_taken(&stage.send_from(from, "/next/bar/param/glow", 0.5)), "{from}");
    }
    let before = stage.refused().len();
    stage.run(2.1);
    assert_eq!(stage.state().fired["bar"], 3, "one for each beat before the bar");
    assert_eq!(stage.state().layers[0].opacity, 0.5);
    assert!(stage.state().troubles.is_empty(), "{:?}", stage.state().troubles);
    assert_eq!(stage.refused().len(), before);
}

#[test]
fn machines_that_fire_cues_without_end_stop_neither_the_operator_nor_a_rule() {
    let mut stage = show();
    let taken = flood(&mut stage, 8, "/cue/now/fire");
    assert!((768..=800).contains(&taken), "{taken}, and what the first hop has done");
    let (fired, acted) = (stage.state().fired["now"], stage.count("now"));
    assert!(is_taken(&stage.send_from("quic:desk", "/cue/now/fire", true)));
    assert!(is_taken(&stage.send_from("osc:192.0.2.7:9000", "/cue/now/fire", true)), "the tablet of a stranger");
    stage.run(2.1);
    assert!(stage.count("now") >= acted + 4 && stage.state().fired["now"] > fired + 700);
    assert!(stage.state().troubles.is_empty(), "{:?}", stage.state().troubles);
}

#[test]
fn one_machine_has_one_share_of_the_cues_whether_its_address_may_be_forged_or_not() {
    let mut stage = show();
    let taken = flood(&mut stage, 1, "/cue/now/fire");
    assert!((512..=544).contains(&taken), "{taken}, and what the first hop has done");
}

#[test]
fn a_stranger_that_fires_a_rule_without_end_brings_it_into_no_trouble() {
    let bar = Cue { when: When::Bar, ..cue(&[("/layer/back/opacity", 0.5.into())]) };
    let steps = (0..32).map(|_| press("/cue/bar/fire")).collect();
    let own = rule(Occasion::Beat, vec![set("/param/hue", 0.5), press("/cue/bar/fire")]);
    let mut stage = Stage::new(&with(&[("bar", bar)], &[("key", rule(Occasion::Key, steps)), ("own", own)]));
    for number in 0..40 {
        stage.send_from(&format!("osc:192.0.2.66:{number}"), "/rule/key/fire", true);
        stage.run(0.006);
    }
    assert!(stage.refused().iter().any(|(from, _)| from == "rule:key"), "it is told");
    stage.run(2.1);
    assert!(stage.count("own") >= 4);
    assert!(stage.state().troubles.is_empty(), "{:?}", stage.state().troubles);
}
