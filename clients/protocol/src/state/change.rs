//! Changes of the state, and the reducer that every node shares.

use super::{Blend, Panic, Run, ShowState, TempoRange};
use crate::cue::Cue;
use crate::fade::Fade;
use crate::rule::Rule;
use crate::{Layer, ShowTime, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One change of a [`ShowState`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Blackout on or off.
    Blackout(bool),
    /// The picture frozen at a moment, or running.
    Frozen(Option<ShowTime>),
    /// Tempo held or released.
    Hold(bool),
    /// The tempo range.
    TempoRange(TempoRange),
    /// Levels frozen or adapting.
    LevelsFrozen(bool),
    /// A layer's scene.
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
    /// A layer's blend mode.
    Blend {
        /// The layer's name.
        layer: String,
        /// The rule.
        blend: Blend,
    },
    /// A parameter set to a value, or returned to its mapping.
    InHand {
        /// The parameter's name.
        name: String,
        /// `None` returns it to its mapping.
        value: Option<f32>,
    },
    /// The value of another address of the tree.
    Set {
        /// The address.
        address: String,
        /// The value.
        value: Value,
    },
    /// A cue defined or removed.
    Cue {
        /// The cue's name.
        name: String,
        /// Its definition.
        cue: Option<Cue>,
        /// Whether it was edited while the show runs.
        edited: bool,
    },
    /// A rule defined or removed.
    Rule {
        /// The rule's name.
        name: String,
        /// Its definition.
        rule: Option<Rule>,
        /// Whether it was edited while the show runs.
        edited: bool,
    },
    /// A cue was fired.
    Fired {
        /// The cue's name.
        cue: String,
        /// How many times so far.
        count: u64,
    },
    /// A rule fired.
    Ran {
        /// The rule's name.
        rule: String,
        /// Its progress.
        run: Run,
    },
    /// Why a rule does not act; empty when nothing is wrong.
    Trouble {
        /// The rule's name.
        rule: String,
        /// The reason.
        why: String,
    },
    /// A fade to the value at an address.
    Fade {
        /// The address of an opacity or a parameter.
        address: String,
        /// The fade.
        fade: Fade,
    },
    /// A fade ended: it arrived, or a person took over.
    FadeEnded {
        /// The address.
        address: String,
        /// The cue of the fade.
        cue: String,
    },
    /// Rules and fades stopped or running.
    Panic(Panic),
    /// A change unknown to this build.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl ShowState {
    /// Applies a change. A change for an unknown layer does nothing.
    pub fn apply(&mut self, change: &Change) {
        if !change.is_plausible() {
            return;
        }
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

/// Stores a value under a name, or removes it.
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
