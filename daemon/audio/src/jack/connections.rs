//! The desired connections of a bus, and the changes needed.

use std::collections::HashSet;

use crate::pattern::Pattern;

/// A source and our input that it feeds: full port names.
pub(super) type Connection = (String, String);

/// A port of another client, and its other names: those of the hardware behind it, or given by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
}

impl Output {
    fn is_called(&self, pattern: &Pattern) -> bool {
        pattern.fits(&self.name) || self.aliases.iter().any(|alias| pattern.fits(alias))
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.aliases.is_empty() { Ok(()) } else { write!(f, " ({})", self.aliases.join(", ")) }
    }
}

/// The sources for the left and right input of a bus, from the existing `outputs`, in JACK's order.
///
/// See [`BusInput::connect`](super::BusInput::connect) for the rule.
pub(super) fn sources<'a>(patterns: &[String], outputs: &'a [Output]) -> Option<(&'a str, &'a str)> {
    let mut candidates = patterns.iter().flat_map(|pattern| {
        let (exact, pattern) = (Pattern::is_exact(pattern), Pattern::new(pattern));
        outputs.iter().filter(move |output| output.is_called(&pattern)).map(move |output| (output.name.as_str(), exact))
    });
    let (left, _) = candidates.next()?;
    let partner = |&(output, exact): &(&str, bool)| output != left && (exact || client(output) == client(left));
    let right = candidates.find(partner).map_or(left, |(output, _)| output);
    Some((left, right))
}

/// The connections that we hold. Those made or broken by others are left alone.
#[derive(Debug, Default)]
pub(super) struct Held(HashSet<Connection>);

/// The changes to reach the wanted connections.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) connect: Vec<Connection>,
    pub(super) disconnect: Vec<Connection>,
}

impl Held {
    /// The changes from the held to the `wanted` connections.
    ///
    /// A source among the `appeared` is connected even if we held it: it was gone in between. One that was there all
    /// the time is not reconnected, because a person has then disconnected it.
    pub(super) fn changes(
        &self,
        wanted: &HashSet<Connection>,
        appeared: &HashSet<String>,
        outputs: &[String],
    ) -> Changes {
        let is_new = |connection: &&Connection| !self.0.contains(*connection) || appeared.contains(&connection.0);
        let still_there = |connection: &&Connection| outputs.contains(&connection.0);
        Changes {
            connect: wanted.iter().filter(is_new).cloned().collect(),
            disconnect: self.0.difference(wanted).filter(still_there).cloned().collect(),
        }
    }

    /// Stores the connections held from now on.
    pub(super) fn settle(&mut self, held: HashSet<Connection>) {
        self.0 = held;
    }
}

fn client(port: &str) -> &str {
    port.split_once(':').map_or(port, |(client, _)| client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn ports(names: &[&str]) -> Vec<Output> {
        names.iter().map(|name| Output { name: (*name).to_owned(), aliases: Vec::new() }).collect()
    }

    fn connection(source: &str, input: &str) -> Connection {
        (source.to_owned(), input.to_owned())
    }

    #[test]
    fn the_first_two_matches_are_left_and_right() {
        let outputs = ports(&["system:capture_1", "mpv:out_0", "mpv:out_1", "mpv:out_2"]);
        assert_eq!(sources(&names(&["mpv:*"]), &outputs), Some(("mpv:out_0", "mpv:out_1")));
        assert_eq!(sources(&names(&["mpv:out_1", "mpv:out_0"]), &outputs), Some(("mpv:out_1", "mpv:out_0")));
        assert_eq!(sources(&names(&["vlc:*"]), &outputs), None);
    }

    #[test]
    fn a_port_answers_to_its_other_names() {
        let mut outputs = ports(&["system:capture_1", "system:capture_2", "synth:out"]);
        for (output, input) in outputs.iter_mut().zip(["Input 1", "Input 2"]) {
            output.aliases = vec![format!("alsa_pcm:hw:1:{input}"), format!("Scarlett 18i20:{input}")];
        }
        let both = Some(("system:capture_1", "system:capture_2"));
        let exact = names(&["Scarlett 18i20:Input 1", "Scarlett 18i20:Input 2"]);
        assert_eq!(sources(&exact, &outputs), both);
        assert_eq!(sources(&names(&["Scarlett*"]), &outputs), both);
        assert_eq!(
            sources(&names(&["alsa_pcm:*:Input 2", "*Input 1"]), &outputs),
            Some(("system:capture_2", "system:capture_1"))
        );
        assert_eq!(sources(&names(&["Scarlett 18i20:Input 3"]), &outputs), None);
        assert_eq!(outputs[0].to_string(), "system:capture_1 (alsa_pcm:hw:1:Input 1, Scarlett 18i20:Input 1)");
        assert_eq!(outputs[2].to_string(), "synth:out");
    }

    #[test]
    fn a_mono_source_goes_to_both_sides() {
        let outputs = ports(&["synth:out", "system:capture_1"]);
        assert_eq!(sources(&names(&["synth:*"]), &outputs), Some(("synth:out", "synth:out")));
    }

    #[test]
    fn a_pattern_that_comes_second_is_a_second_choice_and_no_right_side() {
        let patterns = names(&["synth:*", "system:*"]);
        let outputs = ports(&["system:capture_1", "system:capture_2"]);
        assert_eq!(sources(&patterns, &outputs), Some(("system:capture_1", "system:capture_2")));
        let outputs = ports(&["system:capture_1", "system:capture_2", "synth:out"]);
        assert_eq!(sources(&patterns, &outputs), Some(("synth:out", "synth:out")));
    }

    #[test]
    fn two_clients_named_in_full_are_left_and_right() {
        let outputs = ports(&["b:out", "a:out"]);
        assert_eq!(sources(&names(&["a:out", "b:out"]), &outputs), Some(("a:out", "b:out")));
    }

    #[test]
    fn a_source_is_connected_when_it_appears_and_when_it_comes_back() {
        let mut held = Held::default();
        let outputs = names(&["a:out"]);
        let wanted = HashSet::from([connection("a:out", "in")]);
        let nothing = HashSet::new();
        assert_eq!(held.changes(&wanted, &nothing, &outputs).connect, [connection("a:out", "in")]);
        held.settle(wanted.clone());
        assert_eq!(held.changes(&wanted, &nothing, &outputs).connect, []);
        let appeared = HashSet::from(["a:out".to_owned()]);
        assert_eq!(held.changes(&wanted, &appeared, &outputs).connect, [connection("a:out", "in")]);
    }

    #[test]
    fn the_left_source_leaves_the_right_input_when_a_right_source_appears() {
        let mut held = Held::default();
        held.settle(HashSet::from([connection("a:l", "left"), connection("a:l", "right")]));
        let wanted = HashSet::from([connection("a:l", "left"), connection("a:r", "right")]);
        let changes = held.changes(&wanted, &HashSet::new(), &names(&["a:l", "a:r"]));
        assert_eq!(changes.connect, [connection("a:r", "right")]);
        assert_eq!(changes.disconnect, [connection("a:l", "right")]);
    }

    #[test]
    fn a_source_that_is_gone_needs_no_disconnecting() {
        let mut held = Held::default();
        held.settle(HashSet::from([connection("a:out", "in")]));
        assert_eq!(held.changes(&HashSet::new(), &HashSet::new(), &[]).disconnect, []);
    }
}
