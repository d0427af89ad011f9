//! The tree of one show.

use super::entry::{Access, Entry, Group, Kind, Read, Write};
use super::expand::{Named, expand};
use super::signals::{address, parameter};
use super::table::ENTRIES;
use crate::{Row, Schema, ShowState, ShowTime, Status, Timeline, Unit, Value};
use std::collections::BTreeMap;

/// The entry for signals without their own.
static SIGNAL: Entry = Entry {
    address: "/signal/SIGNAL",
    group: Group::Music,
    label: "signal",
    help: "An audio signal",
    kind: Kind::Number([0.0, 1.0], Unit::Ratio),
    read: Read::Signal("NAME"),
    write: Write::Nothing,
};

/// A show at a moment, from which nodes are read.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// The state.
    pub state: &'a ShowState,
    /// The latest row.
    pub row: &'a Row,
    /// The timeline.
    pub timeline: &'a Timeline,
    /// The moment.
    pub now: ShowTime,
    /// The status.
    pub status: &'a Status,
}

/// One address of a show.
#[derive(Clone, Debug)]
pub struct Node {
    /// The address.
    pub address: String,
    /// Its line of the table.
    pub entry: &'static Entry,
    /// The names in the address.
    pub names: Vec<String>,
    /// The range, if it is a number.
    pub range: Option<[f64; 2]>,
    /// The unit of the number.
    pub unit: Option<Unit>,
    /// The allowed words; empty if any is allowed.
    pub choices: Vec<String>,
    /// Position and count of its numbers in the row.
    pub columns: Option<(usize, u16)>,
}

impl Node {
    /// Whether it can be read, written, or both.
    pub fn access(&self) -> Access {
        self.entry.access()
    }

    /// Its values: none, one, or as many numbers as the signal has. NaN counts as the bottom of the range.
    pub fn read(&self, present: &Present<'_>) -> Vec<Value> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let one = |value: Option<Value>| value.into_iter().collect();
        if let Some(fade) = present.state.fades.get(&self.address) {
            return one(Some(fade.at(present.row.time).into()));
        }
        let columns = || self.columns.and_then(|(place, len)| present.row.values.get(place..place + usize::from(len)));
        match self.entry.read {
            Read::Status(read) => one(read(present.status, &names)),
            Read::Beat(read) => one(read(present.timeline, present.now, &names)),
            Read::Meaning(_, meaning) => one(columns().and_then(|it| meaning(*it.first()?))),
            _ => match self.entry.set_to(&self.address, &names, present.state) {
                Some(value) => vec![value],
                None => columns().unwrap_or_default().iter().map(|it| self.number(*it).into()).collect(),
            },
        }
    }

    fn number(&self, value: f32) -> f64 {
        if value.is_finite() { f64::from(value) } else { self.range.map_or(0.0, |[low, _]| low) }
    }
}

/// Every address of a show.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: BTreeMap<String, Node>,
}

impl Tree {
    /// The tree of a show with these layers, signals and clients.
    pub fn new(state: &ShowState, schema: &Schema, status: &Status) -> Self {
        let parameters: Vec<&str> = schema.signals.iter().filter_map(parameter).collect();
        let signals: BTreeMap<&str, _> =
            schema.places().map(|(place, signal)| (signal.name.as_str(), (place, signal))).collect();
        let mut nodes = BTreeMap::new();
        for entry in ENTRIES {
            for names in expand(entry, Named { state, parameters: &parameters, status }) {
                let node = node(entry, names, state, &signals);
                nodes.insert(node.address.clone(), node);
            }
        }
        for (place, signal) in schema.places() {
            let at = address(signal);
            nodes.entry(at.clone()).or_insert_with(|| Node {
                range: Some(signal.range.map(f64::from)),
                unit: Some(signal.unit),
                columns: Some((place, signal.len)),
                ..bare(&SIGNAL, at, vec![signal.name.clone()])
            });
        }
        Self { nodes }
    }

    /// All nodes, in order of address.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The node of an address.
    pub fn find(&self, address: &str) -> Option<&Node> {
        self.nodes.get(address)
    }
}

fn node(
    entry: &'static Entry,
    names: Vec<String>,
    state: &ShowState,
    signals: &BTreeMap<&str, (usize, &crate::Signal)>,
) -> Node {
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let at = entry.with_names(&borrowed);
    let signal = match entry.read {
        Read::Signal(name) | Read::StateOrSignal(_, name) | Read::Meaning(name, _) => {
            let name = borrowed.first().map_or_else(|| name.to_owned(), |first| name.replace("NAME", first));
            signals.get(name.as_str()).copied()
        }
        _ => None,
    };
    let mut node = bare(entry, at, names);
    match entry.kind {
        Kind::Number(range, unit) => (node.range, node.unit) = (Some(range), Some(unit)),
        Kind::Choice(words) => node.choices = words.iter().map(|word| (*word).to_owned()).collect(),
        Kind::Scene => {
            let layer = node.names.first().and_then(|name| state.layer(name));
            node.choices = layer.map_or_else(Vec::new, |layer| layer.scenes.clone());
        }
        Kind::Trigger | Kind::Switch | Kind::Text => {}
    }
    if let Some((place, signal)) = signal {
        node.columns = Some((place, signal.len));
        // The show defines the range of a parameter; elsewhere the settable range is wider than the signal's.
        if parameter(signal).is_some() {
            node.range = Some(signal.range.map(f64::from));
        }
    }
    node
}

fn bare(entry: &'static Entry, address: String, names: Vec<String>) -> Node {
    Node { address, entry, names, range: None, unit: None, choices: Vec::new(), columns: None }
}
