//! A stored change, fired by hand or by a rule.

use crate::fade::Span;
use crate::{Value, When};
use serde::{Deserialize, Serialize};

/// A named list of what shall be set, and how. Its name is its key in [`ShowState::cues`](crate::ShowState::cues).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Cue {
    /// What is set, in this order.
    pub set: Vec<Setting>,
    /// Over how long opacities and parameters move; at once without it. Words and switches change at its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fade: Option<Span>,
    /// When it takes effect after it was fired, unless whoever fires it says so.
    #[serde(skip_serializing_if = "is_now")]
    pub when: When,
    /// It is obeyed while the show is locked.
    #[serde(skip_serializing_if = "is_false")]
    pub safe: bool,
}

/// An address and its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The output that sends it as a message of its own protocol; without one it is set in the show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Where: an address of the show, or of what the output sends to.
    pub address: String,
    /// What; a button is pressed without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Cue {
    /// The keys that its table may have.
    pub const KEYS: &[&str] = &["set", "fade", "when", "safe"];
}

impl Setting {
    /// The keys that its table may have.
    pub const KEYS: &[&str] = &["output", "address", "value"];
}

fn is_now(when: &When) -> bool {
    *when == When::Now
}

fn is_false(on: &bool) -> bool {
    !on
}
