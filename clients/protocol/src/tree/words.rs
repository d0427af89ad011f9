//! Addresses and values as text, for logs and answers.

use super::entry::Kind;
use super::parse::entry;
use super::report::told;
use crate::state::Change;
use crate::{Unit, Value};

/// The value at an address: `blackout on`, `back opacity 0.5`.
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
        // A 32-bit value shows no more digits than it carries.
        (Kind::Number(..), Value::Number(number)) => (*number as f32).to_string(),
        (_, value) => value.to_string(),
    };
    format!("{whose}{} {value}", entry.label)
}

/// A change in one line; none for an unknown change, and for one that happens all the time.
pub fn change(change: &Change) -> Option<String> {
    let defined = |there: bool| if there { "defined" } else { "removed" };
    match change {
        Change::Cue { name, cue, .. } => return Some(format!("cue {name} {}", defined(cue.is_some()))),
        Change::Rule { name, rule, .. } => return Some(format!("rule {name} {}", defined(rule.is_some()))),
        Change::Fired { cue, .. } => return Some(format!("cue {cue} fired")),
        Change::Trouble { rule, why } if why.is_empty() => return Some(format!("rule {rule} is fine again")),
        Change::Trouble { rule, why } => return Some(format!("rule {rule}: {why}")),
        Change::Ran { .. } | Change::Fade { .. } | Change::FadeEnded { .. } => return None,
        _ => {}
    }
    let is_button = |address: &str| entry(address).is_some_and(|(entry, _)| entry.kind == Kind::Trigger);
    let mut told = told(change);
    if told.iter().any(|(address, _)| !is_button(address)) {
        told.retain(|(address, _)| !is_button(address));
    }
    let words: Vec<String> = told.iter().map(|(address, value)| words(address, value)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
