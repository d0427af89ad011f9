//! Changes and the state, as the addresses and values that surfaces receive.

use super::entry::{Kind, Read, Write};
use super::expand::{Named, expand};
use super::parse::entry;
use super::table::ENTRIES;
use crate::fade::Fade;
use crate::state::Change;
use crate::{Layer, ShowState, Status, Value};
use std::collections::BTreeMap;

/// An address and its value.
pub type Told = (String, Value);

/// The addresses affected by a change, given the state after it.
fn touched(change: &Change, state: &ShowState) -> Vec<String> {
    let at = |address: &str| vec![address.to_owned()];
    match change {
        Change::Blackout(_) => at("/show/blackout"),
        Change::Frozen(_) => at("/show/freeze"),
        Change::Hold(_) => at("/tempo/hold"),
        // Both ends, because one may have pushed the other.
        Change::TempoRange(_) => ["low", "high", "lock"].map(|part| format!("/tempo/range/{part}")).into(),
        Change::LevelsFrozen(_) => at("/levels/freeze"),
        Change::Scene { layer, .. } => {
            let scenes = state.layer(layer).into_iter().flat_map(|it| &it.scenes);
            let buttons = scenes.map(|scene| format!("/layer/{layer}/scene/{scene}"));
            std::iter::once(format!("/layer/{layer}/scene")).chain(buttons).collect()
        }
        Change::Opacity { layer, .. } => vec![format!("/layer/{layer}/opacity")],
        Change::Blend { layer, .. } => vec![format!("/layer/{layer}/blend")],
        Change::InHand { name, .. } => vec![format!("/param/{name}"), format!("/param/{name}/auto")],
        Change::Set { address, .. } => at(address),
        Change::Cue { name, cue: Some(_), .. } => ["fire", "count"].map(|part| format!("/cue/{name}/{part}")).into(),
        Change::Rule { name, rule: Some(_), .. } => {
            ["mute", "rate", "count", "trouble"].map(|part| format!("/rule/{name}/{part}")).into()
        }
        Change::Cue { cue: None, .. } | Change::Rule { rule: None, .. } => Vec::new(),
        Change::Fired { cue, .. } => vec![format!("/cue/{cue}/count")],
        Change::Ran { rule, .. } => vec![format!("/rule/{rule}/count")],
        Change::Trouble { rule, .. } => vec![format!("/rule/{rule}/trouble")],
        Change::Fade { fade: Fade { cue, .. }, .. } | Change::FadeEnded { cue, .. } => vec![format!("/cue/{cue}/fire")],
        Change::Panic(_) => ["black", "freeze"].map(|part| format!("/show/panic/{part}")).into(),
        Change::Unknown(_) => Vec::new(),
    }
}

/// The values after a change, given the state after it.
pub fn of_change(change: &Change, state: &ShowState) -> Vec<Told> {
    let set = |address: String| {
        let (entry, names) = entry(&address)?;
        // What has just begun to move is where it was.
        let moving = state.fades.get(&address).map(|fade| fade.from.into());
        let value = moving.or_else(|| entry.set_to(&address, &names, state))?;
        Some((address, value))
    };
    touched(change, state).into_iter().filter_map(set).collect()
}

/// The start of the addresses of the cue or rule that a change defines or removes.
pub fn defined(change: &Change) -> Option<String> {
    match change {
        Change::Cue { name, .. } => Some(format!("/cue/{name}/")),
        Change::Rule { name, .. } => Some(format!("/rule/{name}/")),
        _ => None,
    }
}

/// The same without the state: layers are known only by name.
pub fn told(change: &Change) -> Vec<Told> {
    let mut state = ShowState::default();
    if let Change::Scene { layer, .. } | Change::Opacity { layer, .. } | Change::Blend { layer, .. } = change {
        state.layers.push(Layer { name: layer.clone(), ..Layer::default() });
    }
    state.apply(change);
    of_change(change, &state)
}

/// Every settable address in a show with these parameters, without those for editing.
pub fn settable(state: &ShowState, parameters: &[&str]) -> Vec<String> {
    let status = Status::default();
    let named = Named { state, parameters, status: &status };
    let entries = ENTRIES.iter().filter(|it| it.group.is_played() && !matches!(it.write, Write::Nothing));
    let nodes = entries.flat_map(|entry| expand(entry, named).map(move |names| (entry, names)));
    nodes.map(|(entry, names)| entry.with_names(&names.iter().map(String::as_str).collect::<Vec<_>>())).collect()
}

/// Every set value in a show with these parameters, without those that a mapping moves, and without definitions: no surface
/// shows them, and they are long.
pub fn of_state(state: &ShowState, parameters: &[&str]) -> Vec<Told> {
    let status = Status::default();
    let named = Named { state, parameters, status: &status };
    let entries = ENTRIES.iter().filter(|entry| entry.group.is_played());
    let nodes = entries.flat_map(|entry| expand(entry, named).map(move |names| (entry, names)));
    let told = nodes.filter_map(|(entry, names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let address = entry.with_names(&names);
        let value = entry.set_to(&address, &names, state)?;
        Some((address, value))
    });
    told.collect()
}

/// The values of a state that the one before it did not have, as [`of_state`] tells them, without those of running fades,
/// which move.
pub fn of_difference(before: &ShowState, after: &ShowState, parameters: &[&str]) -> Vec<Told> {
    let known: BTreeMap<String, Value> = of_state(before, parameters).into_iter().collect();
    let is_news = |(address, value): &Told| known.get(address) != Some(value) && !after.fades.contains_key(address);
    of_state(after, parameters).into_iter().filter(is_news).collect()
}

/// Every text of the status.
pub fn of_status(status: &Status) -> Vec<Told> {
    let state = ShowState::default();
    let named = Named { state: &state, parameters: &[], status };
    let mut told = Vec::new();
    for entry in ENTRIES.iter().filter(|entry| entry.kind == Kind::Text) {
        let Read::Status(read) = entry.read else { continue };
        for names in expand(entry, named) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            told.extend(read(status, &names).map(|value| (entry.with_names(&names), value)));
        }
    }
    told
}
