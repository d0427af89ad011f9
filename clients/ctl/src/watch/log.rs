//! The latest events, newest first, including differences between one status and the next.

use crate::describe;
use downbeat_protocol::{Event, HostTime, Status};
use std::collections::VecDeque;

/// Maximum of lines; more than any terminal shows.
const KEPT: usize = 200;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its time; the last one, if repeated.
    pub at: HostTime,
    /// The text.
    pub text: String,
    /// Whether it needs attention.
    pub trouble: bool,
    /// The number of repetitions in a row.
    pub times: u32,
}

/// The latest events.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    status: Option<Status>,
    connected: Option<bool>,
}

impl Log {
    /// Newest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Adds a line; a repeated line only counts up.
    pub fn note(&mut self, at: HostTime, text: impl Into<String>, trouble: bool) {
        let text = text.into();
        match self.entries.front_mut() {
            Some(last) if last.text == text => {
                last.at = at;
                last.times += 1;
            }
            _ => {
                self.entries.push_front(Entry { at, text, trouble, times: 1 });
                self.entries.truncate(KEPT);
            }
        }
    }

    /// Adds an event, if it is worth a line.
    pub fn event(&mut self, at: HostTime, event: &Event) {
        if let Some(text) = describe::event(event) {
            self.note(at, text, matches!(event, Event::Refused { .. }));
        }
    }

    /// Adds that the daemon was found or lost.
    pub fn connection(&mut self, at: HostTime, connected: bool, server: &str, why: &str) {
        if self.connected == Some(connected) {
            return;
        }
        match (self.connected, connected) {
            (_, true) => self.note(at, format!("connected to {server}"), false),
            (Some(true), false) => self.note(at, format!("lost {server}: {why}"), true),
            _ => return,
        }
        self.connected = Some(connected);
    }

    /// Adds changes since the last status: faults, clients, buses.
    pub fn status(&mut self, at: HostTime, status: &Status) {
        let before = self.status.replace(status.clone()).unwrap_or_default();
        let (had, has) = (troubles(&before), troubles(status));
        for (key, name, error) in has {
            match had.iter().find(|(known, ..)| *known == key) {
                Some((.., old)) if *old == error => {}
                Some(_) if error.is_empty() => self.note(at, format!("{name}: works again"), false),
                None if error.is_empty() => {}
                _ => self.note(at, format!("{name}: {error}"), true),
            }
        }
        // Renderers are missed when they leave; pages and tools come and go.
        let names = |status: &Status| {
            let drawing = status.clients.iter().filter(|client| client.role == "renderer");
            drawing.map(|client| client.name.clone()).collect::<Vec<_>>()
        };
        let (had, has) = (names(&before), names(status));
        has.iter()
            .filter(|name| !had.contains(name))
            .for_each(|name| self.note(at, format!("{name} has joined"), false));
        had.iter().filter(|name| !has.contains(name)).for_each(|name| self.note(at, format!("{name} has left"), true));
        for bus in &status.buses {
            if before.buses.iter().any(|old| old.name == bus.name && old.cancels != bus.cancels) {
                let words = if bus.cancels { "cancel: the polarity of one is reversed" } else { "no longer cancel" };
                self.note(at, format!("bus {}: left and right {words}", bus.name), bus.cancels);
            }
            if before.buses.iter().any(|old| old.name == bus.name && old.state != bus.state) {
                self.note(at, format!("bus {}: {}", bus.name, bus.state), bus.state == "no-signal");
            }
        }
    }
}

/// Everything that may have a fault: a unique key, its name, and its fault. Clients may share a name.
fn troubles(status: &Status) -> Vec<((&'static str, String), String, String)> {
    let outputs = status.outputs.iter().map(|it| (("output", it.name.clone()), it.name.clone(), it.error.clone()));
    let controls = status.controls.iter().map(|it| (("control", it.name.clone()), it.name.clone(), it.error.clone()));
    let clients = status.clients.iter().map(|it| (("client", it.address.clone()), it.name.clone(), it.differs.clone()));
    outputs.chain(controls).chain(clients).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::status::{Client, Output};

    fn texts(log: &Log) -> Vec<&str> {
        log.entries().map(|entry| entry.text.as_str()).collect()
    }

    #[test]
    fn the_same_line_again_only_counts_up() {
        let mut log = Log::default();
        log.note(HostTime(1), "tap", false);
        log.note(HostTime(2), "tap", false);
        let first = log.entries().next().expect("a line");
        assert_eq!((log.entries().count(), first.times, first.at), (1, 2, HostTime(2)));
    }

    #[test]
    fn an_outputs_trouble_and_its_end_are_noted_once() {
        let status = |error: &str| Status {
            outputs: vec![Output { name: "desk".into(), error: error.into(), ..Output::default() }],
            ..Status::default()
        };
        let mut log = Log::default();
        for error in ["", "no route to host", "no route to host", ""] {
            log.status(HostTime::ZERO, &status(error));
        }
        assert_eq!(texts(&log), ["desk: works again", "desk: no route to host"]);
    }

    #[test]
    fn a_node_whose_picture_differs_is_noted_until_it_is_that_of_the_others() {
        let status = |differs: &str| Status {
            // Another one of the same name, without a fault.
            clients: [("10.0.0.2:1", differs), ("10.0.0.3:1", "")]
                .map(|(address, differs)| Client {
                    name: "left".into(),
                    address: address.into(),
                    differs: differs.into(),
                    ..Client::default()
                })
                .to_vec(),
            outputs: vec![Output { name: "left".into(), ..Output::default() }],
            ..Status::default()
        };
        let mut log = Log::default();
        for differs in ["", "draws from other inputs than right", "draws from other inputs than right", ""] {
            log.status(HostTime::ZERO, &status(differs));
        }
        assert_eq!(texts(&log), ["left: works again", "left: draws from other inputs than right"]);
    }

    #[test]
    fn renderers_that_come_and_go_are_noted() {
        let client = |name: &str, role: &str| Client { name: name.into(), role: role.into(), ..Client::default() };
        let status = |names: &[&str]| Status {
            clients: names
                .iter()
                .map(|name| client(name, "renderer"))
                .chain([client(&format!("with {names:?}"), "viewer")])
                .collect(),
            ..Status::default()
        };
        let mut log = Log::default();
        log.status(HostTime::ZERO, &status(&["left"]));
        log.status(HostTime::ZERO, &status(&["right"]));
        assert_eq!(texts(&log), ["left has left", "right has joined", "left has joined"]);
    }

    #[test]
    fn a_daemon_that_was_never_there_is_not_called_lost() {
        let mut log = Log::default();
        log.connection(HostTime(0), false, "host:1", "refused");
        assert_eq!(texts(&log).len(), 0);
        log.connection(HostTime(1), true, "host:1", "");
        log.connection(HostTime(2), false, "host:1", "timed out");
        assert_eq!(texts(&log), ["lost host:1: timed out", "connected to host:1"]);
    }
}
