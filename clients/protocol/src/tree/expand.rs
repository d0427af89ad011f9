//! The names in the addresses of one show.

use super::entry::{Entry, is_name};
use super::labels::labels;
use super::settings::learnt;
use crate::{ShowState, Status};
use std::collections::BTreeSet;

/// Number of beats in a bar with their own lamps.
const BEATS: usize = 8;

/// The sources of a show's names.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub state: &'a ShowState,
    pub parameters: &'a [&'a str],
    pub status: &'a Status,
}

/// Whether two states give the same names in addresses.
pub fn same_names(one: &ShowState, other: &ShowState) -> bool {
    let mut layers = one.layers.iter().zip(&other.layers);
    one.layers.len() == other.layers.len()
        && layers.all(|(one, other)| (&one.name, &one.scenes) == (&other.name, &other.scenes))
        && one.cues.keys().eq(other.cues.keys())
        && one.rules.keys().eq(other.rules.keys())
}

impl Named<'_> {
    /// The names for a word in capitals, after the given ones.
    fn all(&self, entry: &Entry, word: &str, before: &[String]) -> Vec<String> {
        let Self { state, parameters, status } = self;
        match word {
            "LAYER" => state.layers.iter().map(|layer| layer.name.clone()).collect(),
            "SCENE" => before.first().and_then(|name| state.layer(name)).map_or_else(Vec::new, |it| it.scenes.clone()),
            "PARAMETER" => parameters.iter().map(|name| (*name).to_owned()).collect(),
            "CUE" => defined(entry, state.cues.keys(), &state.edited.cues),
            "RULE" => defined(entry, state.rules.keys(), &state.edited.rules),
            "NUMBER" => (1..=BEATS).map(|number| number.to_string()).collect(),
            "BUS" => labels(status.buses.iter().map(|it| it.name.as_str())),
            "OUTPUT" => labels(status.outputs.iter().map(|it| it.name.as_str())),
            "CONTROL" => labels(status.controls.iter().map(|it| it.name.as_str())),
            "NODE" => labels(status.clients.iter().map(|it| it.name.as_str())),
            "ELEMENT" => {
                let known = learnt(state).filter(|it| before.first().is_some_and(|control| it.control == control));
                known.map(|it| it.element.to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The names of cues or rules. For editing, those that were removed from the configuration's, too: they can be reverted.
fn defined<'a>(entry: &Entry, there: impl Iterator<Item = &'a String>, edited: &'a BTreeSet<String>) -> Vec<String> {
    let removed = edited.iter().filter(|_| !entry.group.is_played());
    there.chain(removed).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The names that an entry's address can hold in this show: one list per node.
pub(super) fn expand(entry: &Entry, named: Named<'_>) -> std::vec::IntoIter<Vec<String>> {
    let mut all = vec![Vec::new()];
    for word in entry.parts().filter(|part| is_name(part)) {
        let with = |names: Vec<String>| -> Vec<Vec<String>> {
            let more = named.all(entry, word, &names);
            more.into_iter().map(|name| names.iter().cloned().chain([name]).collect()).collect()
        };
        all = all.into_iter().flat_map(with).collect();
    }
    all.into_iter()
}
