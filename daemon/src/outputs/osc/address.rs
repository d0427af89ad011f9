//! Where signals and parameters live in OSC.

use downbeat_protocol::Signal;

/// Dotted roots that are no bus: what they name lies at the same place in OSC.
const ROOTS: [&str; 5] = ["tempo", "beat", "bar", "phrase", "music"];

/// The OSC address of a signal or parameter.
///
/// `main.onset.low` is at `/signal/main/onset/low` and `tempo.bpm` at `/tempo/bpm`. A parameter keeps its dots,
/// `/param/back.opacity`, because that is the address at which it can be set.
pub fn address(signal: &Signal) -> String {
    match signal.name.split_once('.') {
        Some(("param", name)) => format!("/param/{name}"),
        Some((root, _)) if ROOTS.contains(&root) => format!("/{}", signal.name.replace('.', "/")),
        _ => signal.address(),
    }
}

/// The name of a parameter; `None` for any other signal.
pub fn parameter(signal: &Signal) -> Option<&str> {
    signal.name.strip_prefix("param.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Unit;

    #[test]
    fn every_kind_of_name_has_its_place() {
        let at = |name: &str| address(&Signal::scalar(name, Unit::Ratio, [0.0, 1.0]));
        assert_eq!(at("main.onset.low"), "/signal/main/onset/low");
        assert_eq!(at("tempo.bpm"), "/tempo/bpm");
        assert_eq!(at("param.glow"), "/param/glow");
        assert_eq!(at("param.back.opacity"), "/param/back.opacity");
    }
}
