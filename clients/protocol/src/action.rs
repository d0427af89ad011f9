//! Everything that a command can do. The [tree](crate::tree) gives the addresses.

use crate::{Blend, Cue, Rule, Value, tree};
use serde::{Deserialize, Serialize};

/// What a command does. The [`Command`](crate::Command) around it says when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Tap a beat now.
    Tap,
    /// Move the beat, in milliseconds: positive is later.
    Nudge(f64),
    /// Double the tempo.
    Double,
    /// Halve the tempo.
    Halve,
    /// Start a bar and a phrase on the nearest beat.
    TheOne,
    /// Hold the tempo, whatever the music does.
    Hold(bool),
    /// Set the tempo, in beats per minute, until the next song.
    Tempo(f64),
    /// Set the bottom of the tempo range, in beats per minute.
    TempoLow(f64),
    /// Set the top of the tempo range, in beats per minute.
    TempoHigh(f64),
    /// Lock or unlock that range: ignore tempos outside it.
    TempoLock(bool),
    /// Forget tempo, metre and bar, and listen afresh.
    Listen,
    /// Stop levels adapting to the music.
    FreezeLevels(bool),
    /// Make the receiving daemon the leader.
    TakeLead,
    /// Hand the lead to the standby.
    GiveLead,
    /// Black out everything.
    Blackout(bool),
    /// Freeze the picture and its parameters.
    Freeze(bool),
    /// Show another scene on a layer.
    Scene {
        /// The layer's name.
        layer: String,
        /// The scene's name.
        scene: String,
    },
    /// A layer's opacity, `[0, 1]`.
    Opacity {
        /// The layer's name.
        layer: String,
        /// 0 is invisible.
        opacity: f32,
    },
    /// How a layer blends with those below.
    Blend {
        /// The layer's name.
        layer: String,
        /// The rule.
        blend: Blend,
    },
    /// Set a parameter, overriding its mapping.
    Parameter {
        /// The parameter's name.
        name: String,
        /// In the parameter's own range.
        value: f32,
    },
    /// Return a parameter to its mapping.
    Auto {
        /// The parameter's name.
        name: String,
    },
    /// Set an address of the tree that has no action of its own.
    Set {
        /// The address.
        address: String,
        /// The value.
        value: Value,
    },
    /// Fire a cue.
    FireCue {
        /// The cue's name.
        cue: String,
    },
    /// Fire a rule.
    FireRule {
        /// The rule's name.
        rule: String,
    },
    /// Send a message through an output, at once.
    Send {
        /// The output's name.
        output: String,
        /// Address in the output's own protocol: `/composition/columns/1/connect`, `note.60@1`.
        address: String,
        /// The value; without one, a button press.
        value: Option<Value>,
    },
    /// Define or redefine a cue, until it is reverted to the configuration.
    DefineCue {
        /// Its name.
        name: String,
        /// Its definition.
        cue: Box<Cue>,
    },
    /// Define or redefine a rule, until it is reverted to the configuration.
    DefineRule {
        /// Its name.
        name: String,
        /// Its definition.
        rule: Box<Rule>,
    },
    /// Remove a cue.
    RemoveCue {
        /// Its name.
        name: String,
    },
    /// Remove a rule.
    RemoveRule {
        /// Its name.
        name: String,
    },
    /// Revert a cue to the configuration.
    RevertCue {
        /// Its name.
        name: String,
    },
    /// Revert a rule to the configuration.
    RevertRule {
        /// Its name.
        name: String,
    },
    /// Undo the last change made by a person.
    Undo,
    /// Freeze the picture, and stop rules and fades.
    PanicFreeze(bool),
    /// Black out everything, and stop rules and fades.
    PanicBlack(bool),
    /// Read the configuration of the receiving daemon again.
    Reload,
}

impl Action {
    /// What it sets: the kind of value and the name of its owner. Two actions that set the same replace each other; an
    /// action that only makes something happen sets nothing.
    pub fn sets(&self) -> Option<(&'static str, &str)> {
        Some(match self {
            Self::Blackout(_) | Self::PanicBlack(_) => ("blackout", ""),
            Self::Freeze(_) | Self::PanicFreeze(_) => ("freeze", ""),
            Self::Hold(_) => ("hold", ""),
            Self::Tempo(_) | Self::Listen => ("tempo", ""),
            Self::TempoLow(_) => ("tempo-low", ""),
            Self::TempoHigh(_) => ("tempo-high", ""),
            Self::TempoLock(_) => ("tempo-lock", ""),
            Self::FreezeLevels(_) => ("levels", ""),
            Self::TakeLead | Self::GiveLead => ("lead", ""),
            Self::Scene { layer, .. } => ("scene", layer),
            Self::Opacity { layer, .. } => ("opacity", layer),
            Self::Blend { layer, .. } => ("blend", layer),
            Self::Parameter { name, .. } | Self::Auto { name } => ("parameter", name),
            Self::Set { address, .. } => ("setting", address),
            Self::DefineCue { name, .. } | Self::RemoveCue { name } | Self::RevertCue { name } => ("cue", name),
            Self::DefineRule { name, .. } | Self::RemoveRule { name } | Self::RevertRule { name } => ("rule", name),
            Self::Tap | Self::Nudge(_) | Self::Double | Self::Halve | Self::TheOne | Self::Undo | Self::Reload => {
                return None;
            }
            Self::FireCue { .. } | Self::FireRule { .. } | Self::Send { .. } => return None,
        })
    }
}

impl Action {
    /// Whether it takes or gives the lead of the show, which not everyone may who may play.
    pub fn is_about_lead(&self) -> bool {
        matches!(self, Self::TakeLead | Self::GiveLead)
    }

    /// Whether it edits cues, rules, or what the elements of a MIDI surface do: who does that can be answered.
    pub fn is_edit(&self) -> bool {
        match self {
            Self::Set { address, .. } => tree::is_about_learning(address),
            Self::DefineCue { .. } | Self::RemoveCue { .. } | Self::RevertCue { .. } => true,
            Self::DefineRule { .. } | Self::RemoveRule { .. } | Self::RevertRule { .. } => true,
            _ => false,
        }
    }

    /// Whether it concerns the daemon rather than the show: only who belongs to the rig may do it.
    pub fn is_about_daemon(&self) -> bool {
        self.is_about_lead() || *self == Self::Reload
    }
}
