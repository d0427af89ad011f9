//! Everything that can be asked of the show. The [tree](crate::tree) says at which address.

use crate::{Blend, Cue, Rule, Value};
use serde::{Deserialize, Serialize};

/// What is asked for. When it shall happen stands in the [`Command`](crate::Command) around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The operator taps a beat now.
    Tap,
    /// Move the beat by milliseconds: positive is later.
    Nudge(f64),
    /// Twice the tempo.
    Double,
    /// Half the tempo.
    Halve,
    /// The nearest beat is the first of a bar and a phrase.
    TheOne,
    /// Keep the tempo as it is, whatever is heard.
    Hold(bool),
    /// This tempo, in beats per minute, until the next song.
    Tempo(f64),
    /// The slowest tempo of the range that can be locked, in beats per minute.
    TempoLow(f64),
    /// The fastest tempo of the range that can be locked, in beats per minute.
    TempoHigh(f64),
    /// No tempo outside of that range is heard, or any is.
    TempoLock(bool),
    /// What was learnt of tempo, metre and bar is wrong: listen anew.
    Listen,
    /// Levels are scaled as they are now, whatever is heard.
    FreezeLevels(bool),
    /// The daemon that is asked takes the lead of the show from another one.
    TakeLead,
    /// The daemon that leads the show gives it to its standby.
    GiveLead,
    /// All dark.
    Blackout(bool),
    /// The picture and its parameters stand still.
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
    /// Take a parameter in hand: its mapping no longer moves it.
    Parameter {
        /// The parameter's name.
        name: String,
        /// In the parameter's own range.
        value: f32,
    },
    /// Give a parameter back to its mapping.
    Auto {
        /// The parameter's name.
        name: String,
    },
    /// Set what is at an address of the tree that has no action of its own.
    Set {
        /// The address.
        address: String,
        /// What shall be there.
        value: Value,
    },
    /// Fire a cue.
    FireCue {
        /// The cue's name.
        cue: String,
    },
    /// Set a rule off.
    FireRule {
        /// The rule's name.
        rule: String,
    },
    /// Define a cue, or define it anew: this holds until it is given back to the configuration.
    DefineCue {
        /// Its name.
        name: String,
        /// What it is from now on.
        cue: Box<Cue>,
    },
    /// Define a rule, or define it anew: this holds until it is given back to the configuration.
    DefineRule {
        /// Its name.
        name: String,
        /// What it is from now on.
        rule: Box<Rule>,
    },
    /// There is no cue of this name any more.
    RemoveCue {
        /// Its name.
        name: String,
    },
    /// There is no rule of this name any more.
    RemoveRule {
        /// Its name.
        name: String,
    },
    /// A cue is again what the configuration says.
    RevertCue {
        /// Its name.
        name: String,
    },
    /// A rule is again what the configuration says.
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
