//! The tree of one show.

use super::entry::{Access, Entry, Group, Kind, Read, Write};
use super::expand::{Named, expand};
use super::signals::{address, parameter};
use super::table::ENTRIES;
use crate::{Row, Schema, ShowState, ShowTime, Status, Timeline, Unit, Value};
use std::collections::BTreeMap;

/// What stands for a signal that has no entry of its own.
static SIGNAL: Entry = Entry {
    address: "/signal/SIGNAL",
    group: Group::Music,
    label: "signal",
    help: "A signal that is heard",
    kind: Kind::Number([0.0, 1.0], Unit::Ratio),
    read: Read::Signal("NAME"),
    write: Write::Nothing,
};

/// How a show is at a moment: what a node is read from.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// What is set.
    pub state: &'a ShowState,
    /// What was heard last.
    pub row: &'a Row,
    /// Where the beat is.
    pub timeline: &'a Timeline,
    /// The moment.
    pub now: ShowTime,
    /// How everything is doing.
    pub status: &'a Status,
}

/// One address of a show.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is.
    pub address: String,
    /// The line of the table that it comes from.
    pub entry: &'static Entry,
    /// The names that stand in the address.
    pub names: Vec<String>,
    /// The least and the greatest number, where it is a number.
    pub range: Option<[f64; 2]>,
    /// What the number counts.
    pub unit: Option<Unit>,
    /// The words that may be there; empty where it may be any.
    pub choices: Vec<String>,
    /// The place and the count of its numbers in the row.
    pub columns: Option<(usize, u16)>,
}

impl Node {
    /// Whether it can be read, written, or both.
    pub fn access(&self) -> Access {
        self.entry.access()
    }

    /// What is there: nothing, one value, or as many numbers as a signal has. A number that is none counts as the least
    /// of the range.
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

    /// All nodes, in the order of their addresses.
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
        // The show says how far a parameter goes; what may be set elsewhere is wider than what is heard.
        if parameter(signal).is_some() {
            node.range = Some(signal.range.map(f64::from));
        }
    }
    node
}

fn bare(entry: &'static Entry, address: String, names: Vec<String>) -> Node {
    Node { address, entry, names, range: None, unit: None, choices: Vec::new(), columns: None }
}
