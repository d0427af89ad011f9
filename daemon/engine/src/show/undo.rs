//! Undo of changes made by people.

use downbeat_protocol::state::Change;
use downbeat_protocol::{ShowState, ShowTime, tree};
use std::collections::VecDeque;

/// Number of changes that can be undone.
const DEPTH: usize = 32;
/// A fader that moves within this of its last move is one change, in nanoseconds.
const ONE_MOVE_NS: i64 = 1_000_000_000;

/// The newest changes of people, each with what takes it back.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    done: VecDeque<Done>,
    /// What belongs to a change of several steps that is being made, as a cue is.
    open: Option<Vec<Change>>,
}

#[derive(Clone, Debug)]
struct Done {
    /// Who moved what, where one move is many changes.
    moved: Option<(String, String)>,
    at: ShowTime,
    /// In the order in which they are to be made.
    back: Vec<Change>,
}

impl Undo {
    /// Several changes that follow are one.
    pub fn open(&mut self) {
        self.open = Some(Vec::new());
    }

    /// The change of several steps is made.
    pub fn close(&mut self, now: ShowTime) {
        if let Some(mut back) = self.open.take().filter(|back| !back.is_empty()) {
            back.reverse();
            self.push(Done { moved: None, at: now, back });
        }
    }

    /// A change that is about to be made to a state. `time` is that of the last row.
    pub fn note(&mut self, change: &Change, by: &str, state: &ShowState, time: ShowTime, now: ShowTime) {
        let Some(back) = opposite(change, state, time) else { return };
        if let Some(open) = &mut self.open {
            return open.push(back);
        }
        let moved = fader(change).map(|what| (by.to_owned(), what));
        match self.done.back_mut() {
            Some(last) if moved.is_some() && last.moved == moved && now.since(last.at) <= ONE_MOVE_NS => last.at = now,
            _ => self.push(Done { moved, at: now, back: vec![back] }),
        }
    }

    /// The changes that take back the last one; none when there is none.
    pub fn take(&mut self) -> Option<Vec<Change>> {
        self.done.pop_back().map(|done| done.back)
    }

    fn push(&mut self, done: Done) {
        if self.done.len() == DEPTH {
            self.done.pop_front();
        }
        self.done.push_back(done);
    }
}

/// What a hand moves in many small changes.
fn fader(change: &Change) -> Option<String> {
    match change {
        Change::Opacity { layer, .. } => Some(format!("/layer/{layer}/opacity")),
        Change::InHand { name, value: Some(_) } => Some(format!("/param/{name}")),
        Change::TempoRange(_) => Some("/tempo/range".into()),
        Change::Set { address, .. } => Some(address.clone()),
        _ => None,
    }
}

/// The change that brings back what a state has there now; none for what only follows from other changes.
fn opposite(change: &Change, state: &ShowState, time: ShowTime) -> Option<Change> {
    Some(match change {
        Change::Blackout(_) => Change::Blackout(state.blackout),
        Change::Frozen(_) => Change::Frozen(state.frozen),
        Change::Hold(_) => Change::Hold(state.hold),
        Change::TempoRange(_) => Change::TempoRange(state.tempo_range),
        Change::LevelsFrozen(_) => Change::LevelsFrozen(state.levels_frozen),
        Change::Scene { layer, .. } => Change::Scene { layer: layer.clone(), scene: state.layer(layer)?.scene.clone() },
        Change::Opacity { layer, .. } => {
            Change::Opacity { layer: layer.clone(), opacity: state.opacity(state.layer(layer)?, time) }
        }
        Change::Blend { layer, .. } => Change::Blend { layer: layer.clone(), blend: state.layer(layer)?.blend },
        Change::InHand { name, .. } => {
            let fade = state.fades.get(&format!("/param/{name}")).map(|fade| fade.at(time));
            let value = state.in_hand.get(name).map(|set| fade.unwrap_or(*set));
            Change::InHand { name: name.clone(), value }
        }
        // What a surface is about to learn is no change of the show.
        Change::Set { address, .. } if address == tree::LEARN => return None,
        Change::Set { address, .. } => {
            let (entry, names) = tree::entry(address)?;
            Change::Set { address: address.clone(), value: entry.set_to(address, &names, state)? }
        }
        Change::Cue { name, .. } => {
            let (cue, edited) = (state.cues.get(name).cloned(), state.edited.cues.contains(name));
            Change::Cue { name: name.clone(), cue, edited }
        }
        Change::Rule { name, .. } => {
            let (rule, edited) = (state.rules.get(name).cloned(), state.edited.rules.contains(name));
            Change::Rule { name: name.clone(), rule, edited }
        }
        Change::Fired { .. }
        | Change::Ran { .. }
        | Change::Trouble { .. }
        | Change::Fade { .. }
        | Change::FadeEnded { .. }
        | Change::Panic(_)
        | Change::Unknown(_) => return None,
    })
}
