//! What the operator has set: the same on every node, kept by the same reducer.

mod change;

pub use change::Change;

use crate::cue::Cue;
use crate::fade::Fade;
use crate::rule::{Rate, Rule};
use crate::{ShowTime, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a layer is laid over what lies below it.
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
    /// The scenes that the operator may choose from.
    #[serde(default)]
    pub scenes: Vec<String>,
    /// 0 is invisible, 1 is full.
    pub opacity: f32,
    /// How it is laid over the layers before it.
    #[serde(default)]
    pub blend: Blend,
}

/// The tempi that the music may have, when the operator says so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TempoRange {
    /// The slowest, in beats per minute.
    pub low: f64,
    /// The fastest, in beats per minute.
    pub high: f64,
    /// Whether tempi outside are out of the question.
    pub locked: bool,
}

impl Default for TempoRange {
    fn default() -> Self {
        Self { low: 60.0, high: 200.0, locked: false }
    }
}

impl TempoRange {
    /// The slowest and the fastest tempo that an end may be, in beats per minute: what can be heard at all.
    pub const LIMITS: (f64, f64) = (30.0, 300.0);
    /// How far apart the ends stay, as a factor, so that there is something to choose from.
    const APART: f64 = 1.1;

    /// With another slow end; where that comes too near to the fast one, it pushes it on.
    #[must_use]
    pub fn with_low(self, low: f64) -> Self {
        let low = low.clamp(Self::LIMITS.0, Self::LIMITS.1 / Self::APART);
        Self { low, high: self.high.max(low * Self::APART), ..self }
    }

    /// With another fast end; where that comes too near to the slow one, it pushes it on.
    #[must_use]
    pub fn with_high(self, high: f64) -> Self {
        let high = high.clamp(Self::LIMITS.0 * Self::APART, Self::LIMITS.1);
        Self { high, low: self.low.min(high / Self::APART).max(Self::LIMITS.0), ..self }
    }

    /// The ends while they are locked.
    pub fn ends(&self) -> Option<[f64; 2]> {
        self.locked.then_some([self.low, self.high])
    }

    /// Whether it is a range at all, as nothing that comes from a file has to be.
    pub fn is_sound(&self) -> bool {
        self.low > 0.0 && self.low < self.high && self.high.is_finite()
    }
}

/// The names of cues and rules that were edited while the show ran; one that is not there any more was removed.
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

/// How far a rule has come: all that it takes to go on in another daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// How often it acted: its place in its choices and ramps.
    pub count: u64,
    /// How often it was set off, whether or not it acted: its place in its pattern. Rules on a grid take that from the grid.
    pub seen: u64,
    /// The quarter of a beat at which it last acted, counted as the timeline counts beats.
    pub quarter: Option<i64>,
}

/// What was stopped in panic. Rules and fades stand still while either is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Panic {
    /// All dark; whether it was before.
    pub black: Option<bool>,
    /// The picture is frozen; whether it was before.
    pub freeze: Option<bool>,
}

impl Panic {
    /// Whether nothing is stopped.
    pub fn is_off(&self) -> bool {
        self.black.is_none() && self.freeze.is_none()
    }
}

/// Everything that was set by hand or by configuration. The first layer is the lowest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShowState {
    /// From the bottom up.
    pub layers: Vec<Layer>,
    /// Parameters that a hand has taken from their mappings, with the values it set.
    #[serde(default)]
    pub in_hand: BTreeMap<String, f32>,
    /// All dark.
    #[serde(default)]
    pub blackout: bool,
    /// The moment at which the picture was frozen.
    #[serde(default)]
    pub frozen: Option<ShowTime>,
    /// The tempo is kept whatever is heard.
    #[serde(default)]
    pub hold: bool,
    /// The tempi that are heard.
    #[serde(default)]
    pub tempo_range: TempoRange,
    /// Levels are scaled as they were.
    #[serde(default)]
    pub levels_frozen: bool,
    /// What is set at addresses of the tree that have nothing of their own here; what is as it begins is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// The cues by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cues: BTreeMap<String, Cue>,
    /// The rules by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Rule>,
    /// Which of them were edited while the show ran: these hold whatever the configuration says.
    #[serde(default, skip_serializing_if = "Edited::is_empty")]
    pub edited: Edited,
    /// How often each cue was fired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fired: BTreeMap<String, u64>,
    /// How far each rule has come.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, Run>,
    /// What keeps rules from acting, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub troubles: BTreeMap<String, String>,
    /// What moves, by its address: what is set there already is where it will arrive.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fades: BTreeMap<String, Fade>,
    /// Rules and fades stand still.
    #[serde(default, skip_serializing_if = "Panic::is_off")]
    pub panic: Panic,
    /// Seeds the scenes' chance, so that every node draws the same.
    #[serde(default)]
    pub seed: u32,
}

impl ShowState {
    /// The layer of a name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// A layer's opacity in the picture of a row: on its way while it fades.
    pub fn opacity(&self, layer: &Layer, time: ShowTime) -> f32 {
        let fade = || self.fades.get(&format!("/layer/{}/opacity", layer.name));
        if self.fades.is_empty() { layer.opacity } else { fade().map_or(layer.opacity, |fade| fade.at(time)) }
    }

    /// Whether a rule is muted.
    pub fn is_muted(&self, rule: &str) -> bool {
        let set = self.settings.get(&format!("/rule/{rule}/mute")).and_then(Value::switch);
        set.unwrap_or_else(|| self.rules.get(rule).is_some_and(|rule| rule.muted))
    }

    /// A rule as it acts now: muted and slowed down as it was by hand.
    pub fn rule(&self, name: &str) -> Option<Rule> {
        let rule = self.rules.get(name)?.clone();
        Some(Rule { muted: self.is_muted(name), rate: self.rate(name), ..rule })
    }

    /// How often a rule acts.
    pub fn rate(&self, rule: &str) -> Rate {
        let set = self.settings.get(&format!("/rule/{rule}/rate")).and_then(Rate::of);
        set.unwrap_or_else(|| self.rules.get(rule).map_or(Rate::One, |rule| rule.rate))
    }

    /// Whether a cue still moves something.
    pub fn is_fading(&self, cue: &str) -> bool {
        self.fades.values().any(|fade| fade.cue == cue)
    }

    /// Whether all is as in another state but how often cues and rules were at work.
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
