//! A show in virtual time: an engine, its beat held manually, and all its events.

use downbeat_engine::{Engine, EngineConfig, LayerConfig, Mirrored, ParameterConfig, Tick};
use downbeat_protocol::cue::Setting;
use downbeat_protocol::rule::{Act, Occasion, Step};
use downbeat_protocol::state::Change;
use downbeat_protocol::{
    Action, Command, Cue, Event, HostTime, Rule, ShowState, ShowTime, Signal, Unit, Value, When, tree,
};
use std::time::Duration;

/// A hop of 256 samples at 48 kHz, in nanoseconds.
pub const HOP_NS: i64 = 5_333_333;

/// How much older than the present the last sample of a hop is, in nanoseconds: a sound card's latency.
const LATENCY_NS: i64 = 12_000_000;

/// An engine and what came of it.
pub struct Stage {
    pub engine: Engine,
    pub now: ShowTime,
    /// Everything that it said, with the time at which it did.
    pub events: Vec<(ShowTime, Event)>,
    pub tick: Option<Tick>,
}

/// A rig with two layers, two parameters, and a bus of which level and drops are heard.
pub fn config() -> EngineConfig {
    let layer = |name: &str| LayerConfig {
        name: name.into(),
        scene: "tunnel".into(),
        scenes: ["tunnel", "echo", "spectrum"].map(str::to_owned).into(),
        opacity: 1.0,
        blend: Default::default(),
    };
    EngineConfig {
        buses: vec!["main".into()],
        fields: vec![
            Signal::scalar("level", Unit::Ratio, [0.0, 1.0]),
            Signal::scalar("drop-count", Unit::Count, [0.0, 1023.0]),
            Signal::scalar("section-count", Unit::Count, [0.0, 1023.0]),
            Signal::scalar("build-up", Unit::Ratio, [0.0, 1.0]),
        ],
        layers: vec![layer("back"), layer("front")],
        parameters: ["glow", "hue"].map(|name| (name.to_owned(), ParameterConfig::default())).into(),
        ..EngineConfig::default()
    }
}

pub fn with(cues: &[(&str, Cue)], rules: &[(&str, Rule)]) -> EngineConfig {
    let own = |name: &&str| (*name).to_owned();
    EngineConfig {
        cues: cues.iter().map(|(name, cue)| (own(name), cue.clone())).collect(),
        rules: rules.iter().map(|(name, rule)| (own(name), rule.clone())).collect(),
        ..config()
    }
}

pub fn cue(set: &[(&str, Value)]) -> Cue {
    let setting = |(address, value): &(&str, Value)| Setting {
        address: (*address).into(),
        value: Some(value.clone()),
        ..Setting::default()
    };
    Cue { set: set.iter().map(setting).collect(), ..Cue::default() }
}

pub fn rule(when: Occasion, steps: Vec<Step>) -> Rule {
    Rule { when, steps, ..Rule::default() }
}

/// Sets something.
pub fn set(address: &str, value: impl Into<Value>) -> Step {
    Step { address: address.into(), value: Some(value.into()), ..Step::default() }
}

/// Presses a button.
pub fn press(address: &str) -> Step {
    Step { address: address.into(), ..Step::default() }
}

pub fn act(address: &str, act: Act) -> Step {
    Step { act, ..press(address) }
}

impl Stage {
    /// The beat is held at 120 BPM: beats every half second, from zero on.
    pub fn new(config: &EngineConfig) -> Self {
        Self::after(config, None)
    }

    /// With what was saved.
    pub fn after(config: &EngineConfig, saved: Option<ShowState>) -> Self {
        let engine = Engine::new(config, saved).unwrap_or_else(|error| panic!("{error}"));
        let mut stage = Self { engine, now: ShowTime(2 * LATENCY_NS), events: Vec::new(), tick: None };
        stage.ask(Action::Hold(true));
        stage.run(0.01);
        stage
    }

    /// Runs for so long.
    pub fn run(&mut self, seconds: f64) {
        let end = self.now.offset((seconds * 1e9) as i64);
        while self.now < end {
            self.hop(HOP_NS);
        }
    }

    /// The next hop is so much later.
    pub fn hop(&mut self, ns: i64) {
        self.now = self.now.offset(ns);
        let mut out = Vec::new();
        self.tick = Some(self.engine.tick(self.now.offset(-LATENCY_NS), self.now, HostTime::ZERO, &mut out));
        self.events.extend(out.into_iter().map(|event| (self.now, event)));
    }

    /// What is heard of the bus from now on: level, drops, sections, build-up.
    pub fn observe(&mut self, values: [f32; 4]) {
        self.engine.observe(0, &values, None);
        let heard = downbeat_engine::BusBeat {
            state: downbeat_engine::MusicState::Playing,
            music_at: self.now,
            tempo: 120.0,
            confidence: 0.0,
            level_confidence: 0.0,
            phase_confidence: 0.0,
            beat: self.now,
            beats_per_bar: 4,
            beat_in_bar: 0,
            bar_confidence: 0.0,
        };
        self.engine.observe(0, &values, Some(heard));
    }

    /// A person asks for something; what the engine says at once.
    pub fn ask(&mut self, what: Action) -> Vec<Event> {
        let mut out = Vec::new();
        self.engine.command(Command { what, when: When::Now, from: "tablet".into() }, self.now, &mut out);
        self.events.extend(out.iter().map(|event| (self.now, event.clone())));
        out
    }

    /// The same by address.
    pub fn send(&mut self, address: &str, value: impl Into<Value>) -> Vec<Event> {
        self.send_from("tablet", address, value)
    }

    /// The same by somebody else.
    pub fn send_from(&mut self, from: &str, address: &str, value: impl Into<Value>) -> Vec<Event> {
        let (when, address) = When::split(address);
        let what = tree::parse(address, Some(&value.into())).expect("an address").expect("an action");
        let mut out = Vec::new();
        self.engine.command(Command { what, when, from: from.into() }, self.now, &mut out);
        self.events.extend(out.iter().map(|event| (self.now, event.clone())));
        out
    }

    pub fn state(&self) -> &ShowState {
        self.engine.state()
    }

    pub fn parameter(&self, name: &str) -> f32 {
        let tick = self.tick.as_ref().expect("a tick");
        let (place, _) = self.engine.schema().find(&format!("param.{name}")).map(|(at, it)| (at, it.len)).expect("one");
        tick.row.values[place]
    }

    /// How many times a rule has acted.
    pub fn count(&self, rule: &str) -> u64 {
        self.state().runs.get(rule).map_or(0, |run| run.count)
    }

    /// When a rule acted, in seconds to the nearest tenth.
    pub fn times(&self, rule: &str) -> Vec<f64> {
        let mut count = 0;
        let of = |(at, event): &(ShowTime, Event)| match event {
            Event::Changed { change: Change::Ran { rule: name, run }, .. } if name == rule && run.count > count => {
                count = run.count;
                Some((at.as_secs_f64() * 10.0).round() / 10.0)
            }
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// What was refused, and to whom.
    pub fn refused(&self) -> Vec<(String, String)> {
        let of = |(_, event): &(ShowTime, Event)| match event {
            Event::Refused { from, why } => Some((from.clone(), why.clone())),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// What a standby knows of this show.
    pub fn mirrored(&self) -> Mirrored {
        let tick = self.tick.as_ref().expect("a tick");
        Mirrored {
            timeline: tick.timeline,
            state: std::sync::Arc::clone(&tick.state),
            row: Some((tick.row.seq, tick.row.time)),
            sounding: true,
            ..Mirrored::default()
        }
    }

    /// This show stands by for another, for one hop.
    pub fn mirror(&mut self, leader: &Mirrored) {
        self.engine.mirror(leader, self.now, Duration::from_nanos(HOP_NS as u64), &mut Vec::new());
        self.hop(HOP_NS);
    }

    /// The leader is gone: this one goes on.
    pub fn take_over(&mut self, leader: &Mirrored) {
        self.engine.take_over(leader, self.now, Duration::from_nanos(HOP_NS as u64), &mut Vec::new());
    }
}

/// The state that a client has who was told all events, from this state on.
pub fn replayed(from: &ShowState, events: &[(ShowTime, Event)]) -> ShowState {
    let mut state = from.clone();
    for (_, event) in events {
        if let Event::Changed { change, .. } = event {
            state.apply(change);
        }
    }
    state
}
