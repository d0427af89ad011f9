//! One step of the state, and the reducer that every node shares.

use super::{Blend, Panic, Run, ShowState, TempoRange};
use crate::cue::Cue;
use crate::fade::Fade;
use crate::rule::Rule;
use crate::{Layer, ShowTime, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// A cue is defined, or there is none of this name any more.
    Cue {
        /// The cue's name.
        name: String,
        /// What it is now.
        cue: Option<Cue>,
        /// Whether it differs from the configuration: it was edited while the show ran.
        edited: bool,
    },
    /// A rule is defined, or there is none of this name any more.
    Rule {
        /// The rule's name.
        name: String,
        /// What it is now.
        rule: Option<Rule>,
        /// Whether it differs from the configuration: it was edited while the show ran.
        edited: bool,
    },
    /// A cue was fired.
    Fired {
        /// The cue's name.
        cue: String,
        /// How often by now.
        count: u64,
    },
    /// A rule was set off.
    Ran {
        /// The rule's name.
        rule: String,
        /// How far it has come.
        run: Run,
    },
    /// Why a rule does not act; empty when nothing is wrong.
    Trouble {
        /// The rule's name.
        rule: String,
        /// In words.
        why: String,
    },
    /// What is at an address moves there instead of jumping.
    Fade {
        /// The address of an opacity or a parameter.
        address: String,
        /// How it moves.
        fade: Fade,
    },
    /// What is at an address moves no more: it has arrived, or a hand has taken it.
    FadeEnded {
        /// The address.
        address: String,
        /// The cue that moved it.
        cue: String,
    },
    /// Rules and fades stand still, or go on.
    Panic(Panic),
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
            Change::Cue { name, cue, edited } => {
                note(&mut self.edited.cues, name, *edited);
                if cue.is_none() {
                    self.fired.remove(name);
                }
                replace(&mut self.cues, name, cue.as_ref());
            }
            Change::Rule { name, rule, edited } => {
                note(&mut self.edited.rules, name, *edited);
                if rule.is_none() {
                    self.runs.remove(name);
                    self.troubles.remove(name);
                }
                replace(&mut self.rules, name, rule.as_ref());
            }
            Change::Fired { cue, count } => {
                self.fired.insert(cue.clone(), *count);
            }
            Change::Ran { rule, run } => {
                self.runs.insert(rule.clone(), *run);
            }
            Change::Trouble { rule, why } => {
                replace(&mut self.troubles, rule, Some(why).filter(|why| !why.is_empty()));
            }
            Change::Fade { address, fade } => {
                self.fades.insert(address.clone(), fade.clone());
            }
            Change::FadeEnded { address, .. } => {
                self.fades.remove(address);
            }
            Change::Panic(panic) => self.panic = *panic,
            Change::Unknown(_) => {}
        }
    }

    fn on_layer(&mut self, name: &str, change: impl FnOnce(&mut Layer)) {
        if let Some(layer) = self.layers.iter_mut().find(|layer| layer.name == name) {
            change(layer);
        }
    }
}

/// Keeps a value under a name, or nothing.
fn replace<T: Clone>(map: &mut BTreeMap<String, T>, name: &str, value: Option<&T>) {
    match value {
        Some(value) => _ = map.insert(name.to_owned(), value.clone()),
        None => _ = map.remove(name),
    }
}

fn note(names: &mut BTreeSet<String>, name: &str, is_in: bool) {
    if is_in {
        names.insert(name.to_owned());
    } else {
        names.remove(name);
    }
}
