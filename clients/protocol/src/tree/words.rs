//! A value at an address in words, for logs and for whoever asked.

use super::entry::Kind;
use super::parse::entry;
use super::report::told;
use crate::state::Change;
use crate::{Unit, Value};

/// What is at an address now: `blackout on`, `back opacity 0.5`.
pub fn words(address: &str, value: &Value) -> String {
    let Some((entry, names)) = entry(address) else { return format!("{address} {value}") };
    let whose = names.first().map(|name| format!("{name} ")).unwrap_or_default();
    let value = match (&entry.kind, value) {
        (Kind::Trigger | Kind::Switch, value) => match value.switch() {
            Some(true) => "on".into(),
            Some(false) => "off".into(),
            None => value.to_string(),
        },
        (Kind::Number(_, Unit::Bpm), Value::Number(bpm)) => format!("{bpm:.1} BPM"),
        // What came as 32 bits has no more digits than they carry.
        (Kind::Number(..), Value::Number(number)) => (*number as f32).to_string(),
        (_, value) => value.to_string(),
    };
    format!("{whose}{} {value}", entry.label)
}

/// What a change did, in one line; none for a change that this build does not know.
pub fn change(change: &Change) -> Option<String> {
    let is_button = |address: &str| entry(address).is_some_and(|(entry, _)| entry.kind == Kind::Trigger);
    let mut told = told(change);
    if told.iter().any(|(address, _)| !is_button(address)) {
        told.retain(|(address, _)| !is_button(address));
    }
    let words: Vec<String> = told.iter().map(|(address, value)| words(address, value)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
