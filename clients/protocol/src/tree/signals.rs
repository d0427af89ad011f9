//! The addresses of signals.

use crate::Signal;

/// First parts of dotted names reserved for the show: these signals have the same address in the tree.
const ROOTS: [&str; 5] = ["tempo", "beat", "bar", "phrase", "music"];

/// Whether this name is reserved for the show's own signals.
pub fn is_reserved(name: &str) -> bool {
    ROOTS.contains(&name) || ["param", "time"].contains(&name)
}

/// The address of a signal or parameter.
///
/// `main.onset.low` is at `/signal/main/onset/low` and `tempo.bpm` at `/tempo/bpm`. A parameter keeps its dots,
/// `/param/back.opacity`, the address that sets it.
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
