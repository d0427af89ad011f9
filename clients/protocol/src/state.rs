//! The state of the show: the same on every node, kept by the same reducer.

mod change;
mod shed;

pub use change::Change;

use crate::cue::Cue;
use crate::fade::Fade;
use crate::rule::{Rate, Rule};
use crate::{ShowTime, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a layer blends with those below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blend {
    /// Covers by its alpha.
    #[default]
    Normal,
    /// Adds light.
    Add,
    /// Darkens.
    Multiply,
    /// Lightens without clipping.
    Screen,
}

impl Blend {
    /// All rules with their names.
    pub const ALL: [(&'static str, Self); 4] =
        [("normal", Self::Normal), ("add", Self::Add), ("multiply", Self::Multiply), ("screen", Self::Screen)];

    /// The rule of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, blend)| *blend)
    }

    /// The name of the rule.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, blend)| *blend == self).map_or("normal", |(name, _)| name)
    }
}

/// One scene on the canvas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The layer's own name.
    pub name: String,
    /// The scene it shows.
    pub scene: String,
    /// The scenes for the operator to choose from.
    #[serde(default)]
    pub scenes: Vec<String>,
    /// 0 is invisible, 1 is full.
    pub opacity: f32,
    /// How it blends with the layers below.
    #[serde(default)]
    pub blend: Blend,
}

/// The range that the operator allows for the tempo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TempoRange {
    /// The slowest, in beats per minute.
    pub low: f64,
    /// The fastest, in beats per minute.
    pub high: f64,
    /// Whether tempos outside are ignored.
    pub locked: bool,
}

impl Default for TempoRange {
    fn default() -> Self {
        Self { low: 60.0, high: 200.0, locked: false }
    }
}

impl TempoRange {
    /// The limits of both ends, in beats per minute.
    pub const LIMITS: (f64, f64) = (30.0, 300.0);
    /// The minimum ratio between the ends, so that there is a choice.
    const APART: f64 = 1.1;

    /// Sets the slow end; if it comes too near to the fast one, it pushes it.
    #[must_use]
    pub fn with_low(self, low: f64) -> Self {
        let low = low.clamp(Self::LIMITS.0, Self::LIMITS.1 / Self::APART);
        Self { low, high: self.high.max(low * Self::APART), ..self }
    }

    /// Sets the fast end; if it comes too near to the slow one, it pushes it.
    #[must_use]
    pub fn with_high(self, high: f64) -> Self {
        let high = high.clamp(Self::LIMITS.0 * Self::APART, Self::LIMITS.1);
        Self { high, low: self.low.min(high / Self::APART).max(Self::LIMITS.0), ..self }
    }

    /// The ends, if locked.
    pub fn ends(&self) -> Option<[f64; 2]> {
        self.locked.then_some([self.low, self.high])
    }
}

/// Names of cues and rules edited while the show runs, including removed ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edited {
    /// Of cues.
    pub cues: BTreeSet<String>,
    /// Of rules.
    pub rules: BTreeSet<String>,
}

impl Edited {
    fn is_empty(&self) -> bool {
        self.cues.is_empty() && self.rules.is_empty()
    }
}

/// The progress of a rule: all that another daemon needs to continue it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// How many times it has acted: its place in its choices and ramps.
    pub count: u64,
    /// How many times it has fired, whether or not it acted: its place in its pattern. Rules on a grid use the grid
    /// instead.
    pub seen: u64,
    /// The quarter beat of its last action, counted on the timeline.
    pub quarter: Option<i64>,
}

/// Panic. Rules and fades are stopped while either is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Panic {
    /// Panic black; whether blackout was on before.
    pub black: Option<bool>,
    /// Panic freeze; whether the picture was frozen before.
    pub freeze: Option<bool>,
}

impl Panic {
    /// Whether neither is on.
    pub fn is_off(&self) -> bool {
        self.black.is_none() && self.freeze.is_none()
    }
}

/// Everything set by a person or by the configuration. The first layer is the lowest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShowState {
    /// From the bottom up.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// Parameters set by a person, overriding their mappings, with their values.
    #[serde(default)]
    pub in_hand: BTreeMap<String, f32>,
    /// Blackout.
    #[serde(default)]
    pub blackout: bool,
    /// The moment at which the picture was frozen.
    #[serde(default)]
    pub frozen: Option<ShowTime>,
    /// The tempo is held.
    #[serde(default)]
    pub hold: bool,
    /// The tempo range.
    #[serde(default)]
    pub tempo_range: TempoRange,
    /// Levels do not adapt.
    #[serde(default)]
    pub levels_frozen: bool,
    /// Values of all other addresses; defaults are omitted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// The cues by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cues: BTreeMap<String, Cue>,
    /// The rules by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Rule>,
    /// Those edited while the show runs, which override the configuration.
    #[serde(default, skip_serializing_if = "Edited::is_empty")]
    pub edited: Edited,
    /// How many times each cue has fired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fired: BTreeMap<String, u64>,
    /// The progress of each rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, Run>,
    /// Why rules do not act.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub troubles: BTreeMap<String, String>,
    /// Running fades by address; the value set there is already the target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fades: BTreeMap<String, Fade>,
    /// Rules and fades are stopped.
    #[serde(default, skip_serializing_if = "Panic::is_off")]
    pub panic: Panic,
    /// Seed of the scenes' random numbers, so that every node draws the same.
    #[serde(default)]
    pub seed: u32,
}

impl ShowState {
    /// The layer of a name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// A layer's opacity at the time of a row, including fades.
    pub fn opacity(&self, layer: &Layer, time: ShowTime) -> f32 {
        let fade = || self.fades.get(&format!("/layer/{}/opacity", layer.name));
        if self.fades.is_empty() { layer.opacity } else { fade().map_or(layer.opacity, |fade| fade.at(time)) }
    }

    /// Whether a rule is muted.
    pub fn is_muted(&self, rule: &str) -> bool {
        let set = self.settings.get(&mute(rule)).and_then(Value::switch);
        set.unwrap_or_else(|| self.rules.get(rule).is_some_and(|rule| rule.muted))
    }

    /// A rule as it acts now: muted and slowed down as it was by hand.
    pub fn rule(&self, name: &str) -> Option<Rule> {
        let rule = self.rules.get(name)?.clone();
        Some(Rule { muted: self.is_muted(name), rate: self.rate(name), ..rule })
    }

    /// How often a rule acts.
    pub fn rate(&self, rule: &str) -> Rate {
        let set = self.settings.get(&rate(rule)).and_then(Rate::of);
        set.unwrap_or_else(|| self.rules.get(rule).map_or(Rate::One, |rule| rule.rate))
    }

    /// Mutes a rule or not as its definition says, whatever was set by hand.
    pub fn give_back_mute(&mut self, rule: &str) {
        self.settings.remove(&mute(rule));
    }

    /// Has a rule act as often as its definition says, whatever was set by hand.
    pub fn give_back_rate(&mut self, rule: &str) {
        self.settings.remove(&rate(rule));
    }

    /// Whether a cue is still fading.
    pub fn is_fading(&self, cue: &str) -> bool {
        self.fades.values().any(|fade| fade.cue == cue)
    }

    /// Whether it equals another state except for the counts of cues and rules.
    pub fn is_set_like(&self, other: &Self) -> bool {
        let Self { layers, in_hand, blackout, frozen, hold, tempo_range, levels_frozen, settings, seed, .. } = self;
        let Self { cues, rules, edited, panic, troubles, fades, runs: _, fired: _, .. } = self;
        layers == &other.layers
            && in_hand == &other.in_hand
            && (blackout, frozen, hold, seed) == (&other.blackout, &other.frozen, &other.hold, &other.seed)
            && (tempo_range, levels_frozen, panic) == (&other.tempo_range, &other.levels_frozen, &other.panic)
            && (settings, edited, troubles) == (&other.settings, &other.edited, &other.troubles)
            && (cues, rules, fades) == (&other.cues, &other.rules, &other.fades)
    }
}

/// The address of a rule's mute.
fn mute(rule: &str) -> String {
    format!("/rule/{rule}/mute")
}

/// The address of a rule's rate.
fn rate(rule: &str) -> String {
    format!("/rule/{rule}/rate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_taken_in_hand_can_be_given_back() {
        let mut state = ShowState::default();
        state.apply(&Change::InHand { name: "glow".into(), value: Some(0.5) });
        assert_eq!(state.in_hand["glow"], 0.5);
        state.apply(&Change::InHand { name: "glow".into(), value: None });
        assert!(state.in_hand.is_empty());
    }

    #[test]
    fn an_end_of_the_tempo_range_pushes_the_other_on() {
        let range = TempoRange::default().with_low(190.0);
        assert!(range.low == 190.0 && (range.high - 209.0).abs() < 1e-9, "{range:?}");
        let range = range.with_high(100.0);
        assert!((range.low - 90.9).abs() < 0.1 && range.high == 100.0, "{range:?}");
        let range = range.with_low(1e9).with_high(-5.0);
        assert!(range.is_sound() && range.low >= TempoRange::LIMITS.0, "{range:?}");
        assert_eq!(range.ends(), None, "open until it is locked");
    }

    #[test]
    fn a_change_from_a_newer_daemon_is_skipped() {
        let newer = r#"{"strobe":{"hertz":12}}"#;
        let change: Change = serde_json::from_str(newer).expect("known as unknown");
        let mut state = ShowState::default();
        state.apply(&change);
        assert_eq!(state, ShowState::default());
    }
}
