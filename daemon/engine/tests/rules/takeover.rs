//! Another daemon continues where the leader stops: with the same counts, nothing twice, nothing lost.

use crate::stage::{HOP_NS, Stage, cue, press, rule, set, with};
use downbeat_engine::EngineConfig;
use downbeat_protocol::fade::Span;
use downbeat_protocol::rule::{Choice, Occasion};
use downbeat_protocol::state::Change;
use downbeat_protocol::{Cue, Event, Rule, ShowTime};

fn config() -> EngineConfig {
    let scenes = ["tunnel", "echo", "spectrum"].map(|scene| set("/layer/back/scene", scene));
    let shuffled = Rule { choice: Choice::Shuffle, ..rule(Occasion::Beat, scenes.into()) };
    let slow = Cue { fade: Some(Span::Seconds(4.0)), ..cue(&[("/layer/front/opacity", 0.0.into())]) };
    let rules = [("shuffled", shuffled), ("bars", rule(Occasion::Bar, vec![press("/cue/slow/fire")]))];
    with(&[("slow", slow)], &rules)
}

fn scenes(events: &[(ShowTime, Event)]) -> Vec<(f64, String)> {
    let of = |(at, event): &(ShowTime, Event)| match event {
        Event::Changed { change: Change::Scene { scene, .. }, by } => {
            assert_eq!(by, "rule:shuffled");
            Some(((at.as_secs_f64() * 2.0).floor() / 2.0, scene.clone()))
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

/// What happens when the leader dies at a moment, and the standby is told so much later.
fn with_takeover(dies: f64, silence: f64) -> Vec<(f64, String)> {
    let (mut leader, mut standby) = (Stage::new(&config()), Stage::new(&config()));
    while leader.now.as_secs_f64() < dies {
        leader.hop(HOP_NS);
        standby.now = leader.now.offset(-HOP_NS);
        standby.mirror(&leader.mirrored());
    }
    standby.events.clear();
    let mut last = leader.mirrored();
    // Rows get lost: the state knows more than the newest one that came.
    last.row = last.row.map(|(seq, time)| (seq - 3, time.offset(-3 * HOP_NS)));
    let end = standby.now.offset((silence * 1e9) as i64);
    while standby.now < end {
        standby.mirror(&last);
    }
    standby.take_over(&last);
    standby.run(12.2 - standby.now.as_secs_f64());
    assert_eq!(standby.state().runs["shuffled"].count, 24);
    assert_eq!(standby.state().runs["bars"].count, 6);
    let events: Vec<_> = leader.events.into_iter().chain(standby.events).collect();
    scenes(&events)
}

#[test]
fn the_shuffle_goes_on_and_no_beat_is_lost_or_done_twice() {
    let mut alone = Stage::new(&config());
    alone.run(12.19);
    let alone = scenes(&alone.events);
    assert_eq!(alone.len(), 24);
    for dies in [3.9, 3.99, 4.0, 4.005, 4.01, 4.1, 5.45, 7.97] {
        let told = with_takeover(dies, 0.12);
        let names = |scenes: &[(f64, String)]| scenes.iter().map(|(_, scene)| scene.clone()).collect::<Vec<_>>();
        assert_eq!(names(&told), names(&alone), "dies at {dies}");
        assert_eq!(
            told.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
            alone.iter().map(|(at, _)| *at).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_fade_goes_on_without_a_jump() {
    let (mut leader, mut standby) = (Stage::new(&config()), Stage::new(&config()));
    while leader.now.as_secs_f64() < 3.0 {
        leader.hop(HOP_NS);
        standby.now = leader.now.offset(-HOP_NS);
        standby.mirror(&leader.mirrored());
    }
    let seen = |stage: &Stage| {
        let tick = stage.tick.as_ref().expect("a tick");
        tick.state.opacity(&tick.state.layers[1], tick.row.time)
    };
    let before = seen(&leader);
    assert!((0.7..0.8).contains(&before), "{before}");
    standby.take_over(&leader.mirrored());
    standby.hop(HOP_NS);
    assert!((seen(&standby) - before).abs() < 0.003);
}

#[test]
fn while_another_daemon_leads_no_rule_acts_here() {
    let mut leader = Stage::new(&config());
    leader.run(0.1);
    let mut standby = Stage::new(&config());
    for _ in 0..400 {
        standby.mirror(&leader.mirrored());
    }
    assert_eq!(standby.count("shuffled"), 0);
}
