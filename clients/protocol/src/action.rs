//! Everything that a command can do. The [tree](crate::tree) gives the addresses.

use crate::{Blend, Cue, Rule, Value};
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
}
