//! What is kept in the show's settings, under the addresses of the tree.

use super::entry::Read;
use super::parse::entry;
use super::table::{LEARNT, LOCK};
use crate::{ShowState, Value};

/// What is set at an address that is kept in the settings; none for any other address.
pub fn setting(state: &ShowState, address: &str) -> Option<Value> {
    let (entry, names) = entry(address)?;
    matches!(entry.read, Read::Setting(_)).then(|| entry.set_to(address, &names, state)).flatten()
}

/// Whether only what saves a show is obeyed.
pub fn locked(state: &ShowState) -> bool {
    setting(state, LOCK).and_then(|value| value.switch()) == Some(true)
}

/// What an element of a control has learnt to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learnt<'a> {
    /// Where it is kept.
    pub at: &'a str,
    /// The control, as a part of addresses.
    pub control: &'a str,
    /// The element.
    pub element: &'a str,
    /// What it sets.
    pub address: &'a str,
}

/// Everything that surfaces have learnt.
pub fn learnt(state: &ShowState) -> impl Iterator<Item = Learnt<'_>> {
    state.settings.iter().filter_map(|(at, value)| {
        let (entry, names) = entry(at)?;
        match (entry.address == LEARNT, &names[..], value) {
            (true, [control, element], Value::Text(address)) => Some(Learnt { at, control, element, address }),
            _ => None,
        }
    })
}

/// Where it is kept what an element of a control has learnt.
pub fn learnt_at(control: &str, element: &str) -> String {
    format!("/control/{control}/learnt/{element}")
}
