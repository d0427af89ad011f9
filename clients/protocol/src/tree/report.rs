//! What a change did, and what is set, as addresses and values: what surfaces are told.

use super::entry::{Kind, Read, Write};
use super::expand::{Named, expand};
use super::parse::entry;
use super::table::ENTRIES;
use crate::fade::Fade;
use crate::state::Change;
use crate::{Layer, ShowState, Status, Value};

/// An address and what is there.
pub type Told = (String, Value);

/// The addresses at which a change can be seen, given the state after it.
fn touched(change: &Change, state: &ShowState) -> Vec<String> {
    let at = |address: &str| vec![address.to_owned()];
    match change {
        Change::Blackout(_) => at("/show/blackout"),
        Change::Frozen(_) => at("/show/freeze"),
        Change::Hold(_) => at("/tempo/hold"),
        // Both ends, since one may have pushed the other.
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

/// What a change did, given the state after it.
pub fn of_change(change: &Change, state: &ShowState) -> Vec<Told> {
    let set = |address: String| {
        let (entry, names) = entry(&address)?;
        let value = entry.set_to(&address, &names, state)?;
        Some((address, value))
    };
    touched(change, state).into_iter().filter_map(set).collect()
}

/// The cue or the rule that a change defines or removes, as the part of an address that all that is its own begins with.
pub fn defined(change: &Change) -> Option<String> {
    match change {
        Change::Cue { name, .. } => Some(format!("/cue/{name}/")),
        Change::Rule { name, .. } => Some(format!("/rule/{name}/")),
        _ => None,
    }
}

/// The same without the state: a layer is known by its name alone.
pub fn told(change: &Change) -> Vec<Told> {
    let mut state = ShowState::default();
    if let Change::Scene { layer, .. } | Change::Opacity { layer, .. } | Change::Blend { layer, .. } = change {
        state.layers.push(Layer { name: layer.clone(), ..Layer::default() });
    }
    state.apply(change);
    of_change(change, &state)
}

/// Every address at which something can be set in a show with these parameters. What is edited is left out.
pub fn settable(state: &ShowState, parameters: &[&str]) -> Vec<String> {
    let status = Status::default();
    let named = Named { state, parameters, status: &status };
    let entries = ENTRIES.iter().filter(|it| it.group.is_played() && !matches!(it.write, Write::Nothing));
    let nodes = entries.flat_map(|entry| expand(entry, named).map(move |names| (entry, names)));
    nodes.map(|(entry, names)| entry.with_names(&names.iter().map(String::as_str).collect::<Vec<_>>())).collect()
}

/// Everything that is set in a show with these parameters. What a mapping moves is not, and what is edited is left out: no
/// surface shows it, and it is long.
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

/// How everything is doing, in words: every text that is read from the status.
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
