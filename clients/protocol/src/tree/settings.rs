//! The show's settings, stored under addresses of the tree.

use super::entry::Read;
use super::parse::entry;
use super::table::{LEARN, LEARNT, LOCK};
use crate::{ShowState, Value};

/// The value of a setting; none for any other address.
pub fn setting(state: &ShowState, address: &str) -> Option<Value> {
    let (entry, names) = entry(address)?;
    matches!(entry.read, Read::Setting(_)).then(|| entry.set_to(address, &names, state)).flatten()
}

/// Whether the show is locked: only emergency commands work.
pub fn locked(state: &ShowState) -> bool {
    setting(state, LOCK).and_then(|value| value.switch()) == Some(true)
}

/// A binding that an element of a control has learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learnt<'a> {
    /// The address of its setting.
    pub at: &'a str,
    /// The control, as an address part.
    pub control: &'a str,
    /// The element.
    pub element: &'a str,
    /// The address it sets.
    pub address: &'a str,
}

/// All learnt bindings.
pub fn learnt(state: &ShowState) -> impl Iterator<Item = Learnt<'_>> {
    state.settings.iter().filter_map(|(at, value)| {
        let (entry, names) = entry(at)?;
        match (entry.address == LEARNT, &names[..], value) {
            (true, [control, element], Value::Text(address)) => Some(Learnt { at, control, element, address }),
            _ => None,
        }
    })
}

/// Whether the address belongs to the learning of MIDI surfaces.
pub fn is_about_learning(address: &str) -> bool {
    entry(address).is_some_and(|(entry, _)| [LEARN, LEARNT].contains(&entry.address))
}

/// The address of an element's learnt binding.
pub fn learnt_at(control: &str, element: &str) -> String {
    format!("/control/{control}/learnt/{element}")
}
