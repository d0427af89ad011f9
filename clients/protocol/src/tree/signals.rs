//! Where the signals lie in the tree.

use crate::Signal;

/// First parts of dotted names that no bus has: what they name lies at the same place in the tree.
const ROOTS: [&str; 5] = ["tempo", "beat", "bar", "phrase", "music"];

/// Whether a bus may not have this name, because the show's own signals begin with it.
pub fn is_reserved(name: &str) -> bool {
    ROOTS.contains(&name) || ["param", "time"].contains(&name)
}

/// Where a signal or parameter lies.
///
/// `main.onset.low` is at `/signal/main/onset/low` and `tempo.bpm` at `/tempo/bpm`. A parameter keeps its dots,
/// `/param/back.opacity`, because that is the address at which it can be set.
pub fn address(signal: &Signal) -> String {
    match signal.name.split_once('.') {
        Some(("param", name)) => format!("/param/{name}"),
        Some((root, _)) if ROOTS.contains(&root) => format!("/{}", signal.name.replace('.', "/")),
        _ => format!("/signal/{}", signal.name.replace('.', "/")),
    }
}

/// The name of a parameter; `None` for any other signal.
pub fn parameter(signal: &Signal) -> Option<&str> {
    signal.name.strip_prefix("param.")
}
