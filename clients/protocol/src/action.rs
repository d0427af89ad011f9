//! Everything that can be asked of the show, and the address of each.
//!
//! The addresses are the same in OSC, on the command line and on the wire; [`ADDRESSES`] lists them for help texts
//! and documentation, and a test holds it against [`Action::parse`].

use crate::{Blend, Value};
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
    /// How a layer is laid over those below.
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
}

/// Each address with the argument it takes and what it does. `NAME` stands for one name.
pub const ADDRESSES: &[(&str, &str, &str)] = &[
    ("/tempo/tap", "button", "tap a beat"),
    ("/tempo/nudge", "milliseconds", "move the beat; positive is later"),
    ("/tempo/double", "button", "twice the tempo"),
    ("/tempo/halve", "button", "half the tempo"),
    ("/tempo/one", "button", "the nearest beat is the one"),
    ("/tempo/hold", "switch", "keep the tempo whatever is heard"),
    ("/tempo/bpm", "beats per minute", "set the tempo until the next song"),
    ("/tempo/range/low", "beats per minute", "the slowest tempo of the range"),
    ("/tempo/range/high", "beats per minute", "the fastest tempo of the range"),
    ("/tempo/range/lock", "switch", "hear no tempo outside of the range"),
    ("/tempo/listen", "button", "forget tempo and bar, listen anew"),
    ("/levels/freeze", "switch", "scale levels as now whatever is heard"),
    ("/lead/take", "button", "the daemon that is asked leads the show from now on"),
    ("/lead/give", "button", "the leading daemon gives the show to its standby"),
    ("/show/blackout", "switch", "all dark"),
    ("/show/freeze", "switch", "the picture stands still"),
    ("/layer/NAME/scene", "text", "show another scene on a layer"),
    ("/layer/NAME/scene/NAME", "button", "the same, for controllers that cannot send text"),
    ("/layer/NAME/opacity", "0..1", "a layer's opacity"),
    ("/layer/NAME/blend", "text", "normal, add, multiply, screen"),
    ("/param/NAME", "number", "take a parameter in hand"),
    ("/param/NAME/auto", "button", "give a parameter back to its mapping"),
];

/// Why an address and its argument are no [`Action`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// Nothing has this address.
    #[error("nothing can be set at `{0}`")]
    UnknownAddress(String),
    /// The argument is missing or of the wrong kind.
    #[error("`{address}` takes {expected}")]
    Argument {
        /// The address as sent.
        address: String,
        /// What would have been right.
        expected: &'static str,
    },
}

impl Action {
    /// The action of an address and its first argument.
    ///
    /// A button without an argument counts as pressed. `Ok(None)` is a button let go: nothing to do, no error.
    pub fn parse(address: &str, value: Option<&Value>) -> Result<Option<Self>, ActionError> {
        let wrong = |expected| ActionError::Argument { address: address.into(), expected };
        let number = || value.and_then(Value::number).ok_or_else(|| wrong("a number"));
        let switch = || value.and_then(Value::switch).ok_or_else(|| wrong("a switch: 1 or 0, true or false"));
        let text = || match value {
            Some(Value::Text(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(wrong("a text")),
        };
        let pressed = |action| match value {
            None => Ok(Some(action)),
            Some(_) => Ok(switch()?.then_some(action)),
        };
        let path: Vec<&str> = address.strip_prefix('/').unwrap_or(address).split('/').collect();
        Ok(Some(match path.as_slice() {
            ["tempo", "tap"] => return pressed(Self::Tap),
            ["tempo", "double"] => return pressed(Self::Double),
            ["tempo", "halve"] => return pressed(Self::Halve),
            ["tempo", "one"] => return pressed(Self::TheOne),
            ["tempo", "nudge"] => Self::Nudge(number()?),
            ["tempo", "hold"] => Self::Hold(switch()?),
            ["tempo", "bpm"] => Self::Tempo(number()?),
            ["tempo", "range", "low"] => Self::TempoLow(number()?),
            ["tempo", "range", "high"] => Self::TempoHigh(number()?),
            ["tempo", "range", "lock"] => Self::TempoLock(switch()?),
            ["tempo", "listen"] => return pressed(Self::Listen),
            ["levels", "freeze"] => Self::FreezeLevels(switch()?),
            ["lead", "take"] => return pressed(Self::TakeLead),
            ["lead", "give"] => return pressed(Self::GiveLead),
            ["show", "blackout"] => Self::Blackout(switch()?),
            ["show", "freeze"] => Self::Freeze(switch()?),
            ["layer", layer, "scene", scene] => {
                return pressed(Self::Scene { layer: (*layer).into(), scene: (*scene).into() });
            }
            ["layer", layer, "scene"] => Self::Scene { layer: (*layer).into(), scene: text()? },
            ["layer", layer, "opacity"] => {
                Self::Opacity { layer: (*layer).into(), opacity: number()?.clamp(0.0, 1.0) as f32 }
            }
            ["layer", layer, "blend"] => Self::Blend {
                layer: (*layer).into(),
                blend: Blend::parse(&text()?).ok_or_else(|| wrong("one of normal, add, multiply, screen"))?,
            },
            ["param", name, "auto"] => return pressed(Self::Auto { name: (*name).into() }),
            ["param", name] => Self::Parameter { name: (*name).into(), value: number()? as f32 },
            _ => return Err(ActionError::UnknownAddress(address.into())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_address_is_understood() {
        for (address, argument, _) in ADDRESSES {
            let value = match *argument {
                "text" if address.ends_with("blend") => Value::from("add"),
                "text" => Value::from("tunnel"),
                _ => Value::from(1.0),
            };
            let parsed = Action::parse(&address.replace("NAME", "back"), Some(&value));
            assert!(matches!(parsed, Ok(Some(_))), "{address}: {parsed:?}");
        }
    }

    #[test]
    fn letting_a_button_go_does_nothing() {
        assert_eq!(Action::parse("/tempo/tap", Some(&Value::from(0.0))), Ok(None));
        assert_eq!(Action::parse("/tempo/tap", None), Ok(Some(Action::Tap)));
    }

    #[test]
    fn a_wrong_address_or_argument_is_named() {
        let error = Action::parse("/tempo/tapp", None).expect_err("no such address");
        assert_eq!(error.to_string(), "nothing can be set at `/tempo/tapp`");
        let error = Action::parse("/tempo/bpm", Some(&Value::from("fast"))).expect_err("no number");
        assert_eq!(error.to_string(), "`/tempo/bpm` takes a number");
    }
}
