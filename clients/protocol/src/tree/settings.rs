//! What is kept in the show's settings, under the addresses of the tree.

use super::entry::Read;
use super::parse::entry;
use super::table::LOCK;
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
