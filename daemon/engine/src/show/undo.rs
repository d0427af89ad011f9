//! Undo of changes made by people.

use downbeat_protocol::state::Change;
use downbeat_protocol::{ShowState, ShowTime, tree};
use std::collections::VecDeque;

/// Number of changes that can be undone.
const DEPTH: usize = 32;
/// Moves of a fader within this time of its last move are one change, in nanoseconds.
const ONE_MOVE_NS: i64 = 1_000_000_000;

/// The newest changes made by people, each with its reverse.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    done: VecDeque<Done>,
    /// The change of several steps in progress, such as a cue.
    open: Option<Vec<Change>>,
}

#[derive(Clone, Debug)]
struct Done {
    /// The origin and the address, if one move is many changes.
    moved: Option<(String, String)>,
    at: ShowTime,
    /// In the order of undoing.
    back: Vec<Change>,
}

impl Undo {
    /// Starts a change of several steps.
    pub fn open(&mut self) {
        self.open = Some(Vec::new());
    }

    /// Ends a change of several steps.
    pub fn close(&mut self, now: ShowTime) {
        if let Some(mut back) = self.open.take().filter(|back| !back.is_empty()) {
            back.reverse();
            self.push(Done { moved: None, at: now, back });
        }
    }

    /// Records a change about to be made. `time` is that of the last row.
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

    /// The changes that undo the last one; none if there is none.
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

/// The address of something that a hand moves in many small changes.
fn fader(change: &Change) -> Option<String> {
    match change {
        Change::Opacity { layer, .. } => Some(format!("/layer/{layer}/opacity")),
        Change::InHand { name, value: Some(_) } => Some(format!("/param/{name}")),
        Change::TempoRange(_) => Some("/tempo/range".into()),
        Change::Set { address, .. } => Some(address.clone()),
        _ => None,
    }
}

/// The change that restores the current value of a state; none for consequences of other changes.
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
        // MIDI learn is not a change of the show.
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
