//! Rules that fire each other are stopped and named, and nothing else is held up.

use crate::stage::{HOP_NS, Stage, press, rule, set, with};
use downbeat_protocol::rule::{Crossing, Occasion};
use downbeat_protocol::{Cue, Rule};

fn beat() -> Rule {
    rule(Occasion::Beat, vec![set("/layer/back/opacity", 0.5)])
}

fn glow(value: f64) -> Crossing {
    Crossing { signal: "param.glow".into(), value, hysteresis: 0.0 }
}

#[test]
fn rules_that_fire_each_other_are_stopped_where_the_circle_closes() {
    let rules = [
        ("a", rule(Occasion::Beat, vec![press("/rule/b/fire")])),
        ("b", rule(Occasion::Key, vec![press("/cue/c/fire"), set("/param/glow", 1.0)])),
        ("other", beat()),
    ];
    let mut cue = Cue::default();
    cue.set.push(downbeat_protocol::cue::Setting { address: "/rule/a/fire".into(), ..Default::default() });
    let mut stage = Stage::new(&with(&[("c", cue)], &rules));
    stage.run(4.2);
    assert_eq!(["a", "b", "other"].map(|name| stage.count(name)), [8, 8, 8], "each as often as there are beats");
    let refused = stage.refused();
    assert_eq!(refused.len(), 1, "told once: {refused:?}");
    assert_eq!(refused[0].0, "rule:b", "who closes the circle");
    assert!(refused[0].1.ends_with("in a loop: rule:a → rule:b → cue:c → rule:a"), "{refused:?}");
    assert_eq!(stage.state().troubles.keys().collect::<Vec<_>>(), ["b"], "and shown");
    stage.send("/rule/b/mute", true);
    assert!(stage.state().troubles.is_empty());
}

#[test]
fn a_rule_that_fires_itself_acts_once() {
    let mut stage = Stage::new(&with(&[], &[("a", rule(Occasion::Key, vec![press("/rule/a/fire")]))]));
    stage.send("/rule/a/fire", true);
    stage.run(1.0);
    assert_eq!(stage.count("a"), 1);
    assert!(stage.state().troubles["a"].ends_with("rule:a → rule:a"), "{:?}", stage.state().troubles);
}

#[test]
fn rules_that_set_each_other_off_by_a_parameter_are_found_out_too() {
    let rules = [
        ("down", rule(Occasion::Above(glow(0.6)), vec![set("/param/glow", 0.0)])),
        ("up", rule(Occasion::Below(glow(0.4)), vec![set("/param/glow", 1.0)])),
        ("other", beat()),
    ];
    let mut stage = Stage::new(&with(&[], &rules));
    stage.send("/param/glow", 0.5);
    stage.run(0.1);
    stage.send("/param/glow", 1.0);
    stage.run(2.0);
    assert_eq!((stage.count("down"), stage.count("up"), stage.count("other")), (1, 1, 4));
    assert_eq!(stage.refused().len(), 1);
    assert!(stage.state().troubles["down"].ends_with("rule:down → rule:up → rule:down"));
    stage.send("/param/glow", 0.5);
    stage.run(0.1);
    stage.send("/param/glow", 1.0);
    stage.run(0.1);
    assert_eq!((stage.count("down"), stage.count("up")), (2, 2), "a hand sets them off again");
    assert_eq!(stage.refused().len(), 1, "what is known is not told again");
}

#[test]
fn much_to_do_is_spread_over_hops_and_none_of_it_is_lost() {
    let one = |number: usize| (format!("r{number:03}"), rule(Occasion::Bar, vec![set("/param/glow", 0.5)]));
    let mut config = with(&[], &[]);
    config.rules = (0..120).map(one).collect();
    let mut stage = Stage::new(&config);
    stage.run(1.98);
    let mut most = 0;
    for _ in 0..10 {
        let before: u64 = config.rules.keys().map(|name| stage.count(name)).sum();
        stage.hop(HOP_NS);
        most = most.max(config.rules.keys().map(|name| stage.count(name)).sum::<u64>() - before);
    }
    assert_eq!(most, 32);
    assert!(config.rules.keys().all(|name| stage.count(name) == 1));
}

#[test]
fn an_avalanche_of_rules_is_bounded_and_named() {
    let fire = |next: usize| (0..32).map(|_| press(&format!("/rule/r{next}/fire"))).collect::<Vec<_>>();
    let mut config = with(&[], &[("beat", beat())]);
    config.rules.extend((0..5).map(|level| (format!("r{level}"), rule(Occasion::Key, fire(level + 1)))));
    config.rules.insert("r5".into(), rule(Occasion::Key, vec![set("/param/glow", 0.5)]));
    let mut stage = Stage::new(&config);
    stage.send("/rule/r0/fire", true);
    stage.run(2.1);
    assert_eq!(stage.count("beat"), 4);
    let too_many = |why: &str| why.contains("too many cues and rules");
    assert!(stage.refused().iter().any(|(from, why)| from == "rule:r1" && too_many(why)), "whoever fired it is told");
    assert!(stage.state().troubles.is_empty(), "the share of one person is full: no rule is to blame");
    // Set off by the show itself, it is a mistake of the show.
    config.rules.get_mut("r0").expect("there").when = Occasion::Beat;
    let mut stage = Stage::new(&config);
    stage.run(2.1);
    assert_eq!(stage.count("beat"), 4);
    assert!(stage.state().troubles.values().any(|why| too_many(why)));
}
