//! What programs tell and nobody sets: an error in return would be answered in turn. Pure.

use downbeat_protocol::tree::{self, Access};

/// What daemons send and nobody sets: answers, meters, and readouts beside the tree; and the answers of other programs
/// (SuperCollider's `/fail`, the `/reply` of consoles and players).
pub fn is_answer(address: &str) -> bool {
    let starts = ["/status/", "/signal/", "/reply"];
    let is_readout = starts.iter().any(|start| address.starts_with(start));
    is_readout || matches!(address, "/error" | "/fail" | "/list/end" | "/tempo/confidence")
}

/// Whether an address is told and cannot be set.
pub fn is_read_only(address: &str) -> bool {
    tree::entry(address).is_some_and(|(entry, _)| entry.access() == Access::Read)
}
