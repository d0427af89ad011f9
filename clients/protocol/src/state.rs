//! What the operator has set: the same on every node, kept by the same reducer.

use crate::{ShowTime, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Seeds the scenes' chance, so that every node draws the same.
    #[serde(default)]
    pub seed: u32,
}

/// One step of a [`ShowState`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// All dark, or not.
    Blackout(bool),
    /// Frozen at a moment, or running.
    Frozen(Option<ShowTime>),
    /// The tempo is held, or not.
    Hold(bool),
    /// Other tempi are heard.
    TempoRange(TempoRange),
    /// Levels are scaled as they are now, or as is heard.
    LevelsFrozen(bool),
    /// A layer shows another scene.
    Scene {
        /// The layer's name.
        layer: String,
        /// The scene's name.
        scene: String,
    },
    /// A layer's opacity.
    Opacity {
        /// The layer's name.
        layer: String,
        /// `[0, 1]`.
        opacity: f32,
    },
    /// A layer's blend rule.
    Blend {
        /// The layer's name.
        layer: String,
        /// The rule.
        blend: Blend,
    },
    /// A parameter taken in hand with a value, or given back.
    InHand {
        /// The parameter's name.
        name: String,
        /// None gives it back to its mapping.
        value: Option<f32>,
    },
    /// What is set at an address of the tree.
    Set {
        /// The address.
        address: String,
        /// What is there now.
        value: Value,
    },
    /// A change that this build does not know.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl ShowState {
    /// Takes one step. A step for a layer that is not there does nothing.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Blackout(on) => self.blackout = *on,
            Change::Frozen(at) => self.frozen = *at,
            Change::Hold(on) => self.hold = *on,
            Change::TempoRange(range) => self.tempo_range = *range,
            Change::LevelsFrozen(on) => self.levels_frozen = *on,
            Change::Scene { layer, scene } => self.on_layer(layer, |it| it.scene.clone_from(scene)),
            Change::Opacity { layer, opacity } => self.on_layer(layer, |it| it.opacity = opacity.clamp(0.0, 1.0)),
            Change::Blend { layer, blend } => self.on_layer(layer, |it| it.blend = *blend),
            Change::InHand { name, value: Some(value) } => {
                self.in_hand.insert(name.clone(), *value);
            }
            Change::InHand { name, value: None } => {
                self.in_hand.remove(name);
            }
            Change::Set { address, value: Value::Text(text) } if text.is_empty() => {
                self.settings.remove(address);
            }
            Change::Set { address, value } => {
                self.settings.insert(address.clone(), value.clone());
            }
            Change::Unknown(_) => {}
        }
    }

    /// The layer of a name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    fn on_layer(&mut self, name: &str, change: impl FnOnce(&mut Layer)) {
        if let Some(layer) = self.layers.iter_mut().find(|layer| layer.name == name) {
            change(layer);
        }
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
