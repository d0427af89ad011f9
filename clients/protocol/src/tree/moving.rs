//! Values that move by themselves and are sent unasked: lights on the beat, and meanings of numbers in a row.

use super::entry::Read;
use super::expand::{Named, expand};
use super::table::ENTRIES;
use crate::{Row, Schema, ShowState, ShowTime, Status, Timeline, Value};

/// How a light of the beat is read, as in [`Read::Beat`].
type Light = fn(&Timeline, ShowTime, &[&str]) -> Option<Value>;

/// All lights of the beat.
pub fn lights() -> Vec<String> {
    lights_that(|_, _| true)
}

/// The lights lit at a moment.
pub fn lit(timeline: &Timeline, now: ShowTime) -> Vec<String> {
    lights_that(|read, names| read(timeline, now, names).and_then(|value| value.switch()) == Some(true))
}

fn lights_that(are_meant: impl Fn(Light, &[&str]) -> bool) -> Vec<String> {
    let (state, status) = (ShowState::default(), Status::default());
    let named = Named { state: &state, parameters: &[], status: &status };
    let mut lights = Vec::new();
    for entry in ENTRIES {
        let Read::Beat(read) = entry.read else { continue };
        for names in expand(entry, named) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            if are_meant(read, &names) {
                lights.push(entry.with_names(&names));
            }
        }
    }
    lights
}

/// A number of a row as text, or as a lamp.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// Its address.
    pub address: &'static str,
    place: usize,
    meaning: fn(f32) -> Option<Value>,
}

impl Meaning {
    /// All meanings in rows of this layout.
    pub fn all(schema: &Schema) -> Vec<Self> {
        let meaning = |entry: &'static super::Entry| match entry.read {
            Read::Meaning(signal, meaning) => {
                Some(Self { address: entry.address, place: schema.find(signal)?.0, meaning })
            }
            _ => None,
        };
        ENTRIES.iter().filter_map(meaning).collect()
    }

    /// The meaning in a row.
    pub fn read(&self, row: &Row) -> Option<Value> {
        (self.meaning)(*row.values.get(self.place)?)
    }
}
