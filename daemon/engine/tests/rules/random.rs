//! Thousands of random shows in virtual time: whatever happens to the beat, whoever leads, nothing is done twice or
//! lost; loops are stopped and named; and everyone who gets the events knows the state.

use crate::stage::{HOP_NS, Stage, config, press, replayed, rule, set};
use downbeat_engine::{EngineConfig, ParameterConfig};
use downbeat_protocol::rule::{Choice, Crossing, Occasion, Rate};
use downbeat_protocol::state::Change;
use downbeat_protocol::{Action, Beats, Event, Rule, ShowTime, Timeline};
use fastrand::Rng;
use std::collections::BTreeMap;

const SHOWS: u64 = 3000;
const HOPS: usize = 300;
/// Rules on the grid, each with a parameter of its own; and rules that fire each other.
const ON_GRID: usize = 4;
const FIRED: usize = 4;

/// How many quarters of a beat have come by a time, counted by asking for the time of each.
fn quarter(line: &Timeline, time: ShowTime) -> i64 {
    let at = |quarter: i64| line.time_of(Beats(quarter * Beats::MICRO / 4));
    let mut quarter = (line.beats_at(time).as_f64() * 4.0).floor() as i64;
    while at(quarter + 1) <= time {
        quarter += 1;
    }
    while at(quarter) > time {
        quarter -= 1;
    }
    quarter
}

/// What should happen: counts on its own, place by place.
struct Oracle {
    last: i64,
    expected: BTreeMap<String, u64>,
}

impl Oracle {
    fn hop(&mut self, stage: &Stage) {
        let line = stage.tick.as_ref().expect("a tick").timeline;
        let here = quarter(&line, stage.tick.as_ref().expect("a tick").row.time);
        let before = self.last;
        if here > before || here < before - 4 {
            self.last = here;
        }
        let rules = stage.state().rules.iter().filter(|(name, _)| name.starts_with("grid"));
        for (name, rule) in rules.filter(|(name, _)| !stage.state().is_muted(name)) {
            let beats = rule.when.cycle(&line).expect("on the grid").as_f64();
            let period = beats * 4.0 * f64::from(rule.every) * 4.0 / f64::from(stage.state().rate(name).quarters());
            let is_place = |place: &i64| ((place - line.bar_origin.round() * 4) as f64 / period).fract() == 0.0;
            let places = (before + 1..=here).filter(is_place).count() as u64;
            // A jump of more than a beat sets a rule off once at most.
            *self.expected.entry(name.clone()).or_default() += if here - before > 4 { places.min(1) } else { places };
        }
    }
}

fn random_config(random: &mut Rng) -> EngineConfig {
    let mut config = config();
    for number in 0..ON_GRID {
        config.parameters.insert(format!("p{number}"), ParameterConfig::default());
        let steps = random.usize(1..6);
        let step = |step: usize| set(&format!("/param/p{number}"), step as f64 / 8.0);
        let rule = Rule {
            every: random.u32(1..4),
            rate: random.choice([Rate::Quarter, Rate::Half, Rate::One, Rate::Double, Rate::Fourfold]).expect("one"),
            choice: random.choice([Choice::Cycle, Choice::Shuffle]).expect("one"),
            ..rule(
                random.choice([Occasion::Beat, Occasion::Bar, Occasion::Phrase]).expect("one"),
                (0..steps).map(step).collect(),
            )
        };
        config.rules.insert(format!("grid{number}"), rule);
    }
    for number in 0..FIRED {
        let steps = (0..random.usize(0..3)).map(|_| press(&format!("/rule/fired{}/fire", random.usize(0..FIRED))));
        let mut steps: Vec<_> = steps.collect();
        if random.bool() {
            steps.push(set("/param/glow", f64::from(random.u8(0..5)) / 4.0));
        }
        let crossing = Crossing { signal: "param.glow".into(), value: 0.5, hysteresis: 0.1 };
        let when = match random.u8(0..4) {
            0 => Occasion::Above(crossing),
            1 => Occasion::Below(crossing),
            _ => Occasion::Key,
        };
        config.rules.insert(format!("fired{number}"), rule(when, steps));
    }
    config
}

/// Something that a person does, or that happens to the machine.
fn random_event(stage: &mut Stage, random: &mut Rng) {
    match random.u8(0..12) {
        0 => _ = stage.ask(Action::Tempo(f64::from(random.u32(60..200)))),
        1 => _ = stage.ask(Action::Nudge(f64::from(random.i32(-80..80)))),
        2 => _ = stage.ask(Action::TheOne),
        3 => _ = stage.ask(Action::Tap),
        4 => _ = stage.ask(Action::Double),
        5 => _ = stage.ask(Action::Halve),
        6 => _ = stage.send(&format!("/rule/grid{}/mute", random.usize(0..ON_GRID)), random.bool()),
        7 => {
            let rate = random.choice(Rate::NAMES).expect("one");
            stage.send(&format!("/rule/grid{}/rate", random.usize(0..ON_GRID)), *rate);
        }
        8 => _ = stage.send("/param/glow", f64::from(random.u8(0..5)) / 4.0),
        9 => _ = stage.send(&format!("/rule/fired{}/fire", random.usize(0..FIRED)), true),
        10 => {
            stage.send("/show/undo", true);
            // Holding the beat is not undone.
            stage.ask(Action::Hold(true));
        }
        _ => stage.now = stage.now.offset(random.i64(0..900_000_000)),
    }
}

/// A daemon that has stood by goes on in the place of the leader.
fn take_over(leader: Stage, config: &EngineConfig, random: &mut Rng) -> Stage {
    let mut standby = Stage::new(config);
    let last = leader.mirrored();
    standby.now = leader.now.offset(-HOP_NS);
    for _ in 0..random.usize(1..20) {
        standby.mirror(&last);
    }
    standby.take_over(&last);
    standby.events = leader.events;
    standby
}

/// The steps that a rule took, by the parameter that it sets.
fn taken(events: &[(ShowTime, Event)], rule: &str, parameter: &str) -> Vec<usize> {
    let of = |(_, event): &(ShowTime, Event)| match event {
        Event::Changed { change: Change::InHand { name, value: Some(value) }, by }
            if name == parameter && *by == format!("rule:{rule}") =>
        {
            Some((value * 8.0).round() as usize)
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

/// A reported loop is one that the rules really make.
fn assert_circle(config: &EngineConfig, why: &str) {
    let (_, links) = why.split_once("in a loop: ").unwrap_or_else(|| panic!("{why}"));
    let links: Vec<&str> = links.split(" → ").map(|link| link.trim_start_matches("rule:")).collect();
    assert_eq!(links.first(), links.last(), "{why}");
    for pair in links.windows(2) {
        let (from, to) = (&config.rules[pair[0]], &config.rules[pair[1]]);
        let fires = from.steps.iter().any(|step| step.address == format!("/rule/{}/fire", pair[1]));
        let sets = from.steps.iter().any(|step| step.address == "/param/glow") && to.when != Occasion::Key;
        assert!(fires || sets, "{} → {} in: {why}", pair[0], pair[1]);
    }
}

fn show(seed: u64) -> Vec<(ShowTime, Event)> {
    let mut random = Rng::with_seed(seed);
    let config = random_config(&mut random);
    let mut stage = Stage::new(&config);
    let begin = Stage::new(&config).state().clone();
    stage.events.clear();
    let tick = stage.tick.as_ref().expect("a tick");
    let last = quarter(&tick.timeline, tick.row.time);
    let mut oracle = Oracle { last, expected: BTreeMap::new() };
    for _ in 0..HOPS {
        if random.u16(0..200) == 0 {
            stage = take_over(stage, &config, &mut random);
        }
        if random.u8(0..10) == 0 {
            random_event(&mut stage, &mut random);
        }
        stage.hop(random.i64(1..40) * HOP_NS / 4);
        oracle.hop(&stage);
    }
    for number in 0..ON_GRID {
        let (name, parameter) = (format!("grid{number}"), format!("p{number}"));
        let expected = oracle.expected.get(&name).copied().unwrap_or(0);
        assert_eq!(stage.count(&name), expected, "seed {seed}: {name} {:?}", config.rules[&name]);
        let (rule, taken) = (&config.rules[&name], taken(&stage.events, &name, &parameter));
        let steps = rule.steps.len();
        assert_eq!(taken.len() as u64, expected, "seed {seed}: {name} did something each time it acted");
        match rule.choice {
            Choice::Cycle => {
                assert!(taken.iter().copied().eq((0..taken.len()).map(|count| count % steps)), "seed {seed}")
            }
            _ => assert!(
                taken.chunks_exact(steps).all(|round| (0..steps).all(|step| round.contains(&step))),
                "seed {seed}"
            ),
        }
    }
    stage.state().troubles.values().for_each(|why| assert_circle(&config, why));
    // What comes between two hops is in the state of the next.
    stage.hop(1);
    // Whoever was told everything from the start, by whichever daemon, knows what is so.
    assert_eq!(&replayed(&begin, &stage.events), stage.state(), "seed {seed}");
    // Long enough for a chain through every rule that another one fires, and twice that.
    (0..2 * FIRED).for_each(|_| stage.hop(1000));
    let quiet = stage.events.len();
    stage.hop(1000);
    let fired = |(_, event): &(ShowTime, Event)| matches!(event, Event::Changed { change: Change::Ran { rule, .. }, .. } if rule.starts_with("fired"));
    assert!(!stage.events[quiet..].iter().any(fired), "seed {seed}: nothing is left that goes on by itself");
    stage.events
}

#[test]
fn nothing_is_done_twice_nothing_is_lost_and_circles_are_stopped_and_named() {
    let mut circles = 0;
    for seed in 0..SHOWS {
        let events = show(seed);
        let named = |(_, event): &(ShowTime, Event)| matches!(event, Event::Changed { change: Change::Trouble { why, .. }, .. } if why.contains("in a loop"));
        circles += usize::from(events.iter().any(named));
        if seed % 100 == 0 {
            assert!(events == show(seed), "seed {seed}: the same show goes the same way");
        }
    }
    assert!(circles > SHOWS as usize / 20, "{circles} of {SHOWS} shows went in circles");
}
