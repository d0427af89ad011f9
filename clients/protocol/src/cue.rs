//! Cues: stored changes, fired by a person or by a rule.

use crate::fade::Span;
use crate::{Value, When};
use serde::{Deserialize, Serialize};

/// A named list of changes. Its name is its key in [`ShowState::cues`](crate::ShowState::cues).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Cue {
    /// The changes, in order.
    pub set: Vec<Setting>,
    /// How long opacities and parameters take to move; none is at once. Choices and switches change at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fade: Option<Span>,
    /// When it takes effect after firing, by default.
    #[serde(skip_serializing_if = "is_now")]
    pub when: When,
    /// Whether it works while the show is locked.
    #[serde(skip_serializing_if = "is_false")]
    pub safe: bool,
}

/// An address and its new value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The output to send it through; without one, it is set in the show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// An address of the show, or one in the output's own protocol.
    pub address: String,
    /// The value; none presses a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Cue {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["set", "fade", "when", "safe"];
}

impl Setting {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["output", "address", "value"];
}

fn is_now(when: &When) -> bool {
    *when == When::Now
}

fn is_false(on: &bool) -> bool {
    !on
}
