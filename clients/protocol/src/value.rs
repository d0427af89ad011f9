//! Values of addresses.

use serde::{Deserialize, Serialize};

/// A value of the address tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A word: the name of a scene, a blend mode.
    Text(String),
}

impl Value {
    /// As a number: `true` is 1; a text counts if it parses as a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(on) => Some(f64::from(u8::from(*on))),
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
        .filter(|number| number.is_finite())
    }

    /// As a switch: numbers from 0.5 up are on, as a fader or a TouchOSC button sends them.
    pub fn switch(&self) -> Option<bool> {
        match self {
            Self::Text(text) if matches!(text.as_str(), "true" | "on") => Some(true),
            Self::Text(text) if matches!(text.as_str(), "false" | "off") => Some(false),
            other => other.number().map(|number| number >= 0.5),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(on) => write!(f, "{on}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text}"),
        }
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Bool(on)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touchosc_button_and_a_text_switch_alike() {
        assert_eq!(Value::Number(1.0).switch(), Some(true));
        assert_eq!(Value::from("off").switch(), Some(false));
        assert_eq!(Value::from("later").switch(), None);
        assert_eq!(Value::Number(f64::NAN).number(), None);
    }
}
