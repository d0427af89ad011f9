//! The names that stand in the addresses of one show.

use super::entry::{Entry, is_name};
use crate::ShowState;

/// Beats of a bar that have lamps of their own.
const BEATS: usize = 8;

/// The names that an entry's address may hold in this show: one list for each node.
pub(super) fn expand(entry: &Entry, state: &ShowState, parameters: &[&str]) -> std::vec::IntoIter<Vec<String>> {
    let mut all = vec![Vec::new()];
    for part in entry.parts().filter(|part| is_name(part)) {
        let with = |names: Vec<String>| -> Vec<Vec<String>> {
            let more: Vec<String> = match part {
                "LAYER" => state.layers.iter().map(|layer| layer.name.clone()).collect(),
                "SCENE" => {
                    names.first().and_then(|name| state.layer(name)).map_or_else(Vec::new, |it| it.scenes.clone())
                }
                "PARAMETER" => parameters.iter().map(|name| (*name).to_owned()).collect(),
                "NUMBER" => (1..=BEATS).map(|number| number.to_string()).collect(),
                _ => Vec::new(),
            };
            more.into_iter().map(|name| names.iter().cloned().chain([name]).collect()).collect()
        };
        all = all.into_iter().flat_map(with).collect();
    }
    all.into_iter()
}
