//! The door: the only way for commands into the show.
//!
//! They come in order. When there are more than a hop has time for, blackout, freeze and panic overtake the others:
//! whatever anyone sends, the stage is dark when the operator says so.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use downbeat_protocol::{Action, Command, When};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The outer side. Clones share it.
#[derive(Clone, Debug)]
pub struct Door {
    ordinary: Sender<Command>,
    /// Each with the number of ordinary ones before it.
    urgent: Sender<(u64, Command)>,
    came: Arc<AtomicU64>,
}

/// The inner side.
#[derive(Debug)]
pub struct Visitors {
    ordinary: Receiver<Command>,
    urgent: Receiver<(u64, Command)>,
    /// The next urgent one.
    next: Option<(u64, Command)>,
    /// Number of ordinary ones that were let in.
    went: u64,
}

/// A door with room for so many commands, and as many urgent ones.
pub fn door(room: usize) -> (Door, Visitors) {
    let ((ordinary, in_order), (urgent, overtaking)) = (bounded(room), bounded(room));
    let visitors = Visitors { ordinary: in_order, urgent: overtaking, next: None, went: 0 };
    (Door { ordinary, urgent, came: Arc::default() }, visitors)
}

/// Why a command does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// There is no room at the moment.
    Full,
    /// Nobody is behind the door any more.
    Closed,
}

impl Door {
    /// Sends a command.
    ///
    /// # Errors
    /// If there is no room, or nobody is there.
    pub fn send(&self, command: Command) -> Result<(), Shut> {
        if is_urgent(&command) {
            return self.urgent.try_send((self.came.load(Relaxed), command)).map_err(shut);
        }
        self.ordinary.try_send(command).map_err(shut)?;
        self.came.fetch_add(1, Relaxed);
        Ok(())
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.ordinary.len() + self.urgent.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The room for ordinary ones.
    pub fn room(&self) -> usize {
        self.ordinary.capacity().unwrap_or(usize::MAX)
    }
}

impl Visitors {
    /// The next in order. `is_late` is whether there is no time for all: then only urgent ones come.
    pub fn next(&mut self, is_late: bool) -> Option<Command> {
        if self.next.is_none() {
            self.next = self.urgent.try_recv().ok();
        }
        let is_its_turn = self.next.as_ref().is_some_and(|(before, _)| *before <= self.went);
        if !is_late
            && !is_its_turn
            && let Ok(command) = self.ordinary.try_recv()
        {
            self.went += 1;
            return Some(command);
        }
        self.next.take().map(|(_, command)| command)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.ordinary.len() + self.urgent.len() + usize::from(self.next.is_some())
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether it overtakes. Off as well as on: their order among themselves stays.
fn is_urgent(command: &Command) -> bool {
    let saves_the_stage = matches!(
        command.what,
        Action::Blackout(_) | Action::Freeze(_) | Action::PanicBlack(_) | Action::PanicFreeze(_)
    );
    saves_the_stage && command.when == When::Now
}

fn shut<T>(error: TrySendError<T>) -> Shut {
    match error {
        TrySendError::Full(_) => Shut::Full,
        TrySendError::Disconnected(_) => Shut::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(what: Action) -> Command {
        Command { what, when: When::Now, from: "test".into() }
    }

    fn cue() -> Command {
        command(Action::FireCue { cue: "light".into() })
    }

    #[test]
    fn in_time_everyone_comes_in_order() {
        let (door, mut visitors) = door(8);
        let all = [cue(), command(Action::Blackout(true)), cue(), command(Action::Blackout(false)), cue()];
        all.iter().for_each(|command| door.send(command.clone()).expect("room"));
        let came: Vec<Command> = std::iter::from_fn(|| visitors.next(false)).collect();
        assert_eq!(came, all);
        assert!(door.is_empty() && visitors.is_empty());
    }

    #[test]
    fn without_time_a_blackout_overtakes_and_what_waits_comes_later() {
        let (door, mut visitors) = door(8);
        (0..8).for_each(|_| door.send(cue()).expect("room"));
        assert_eq!(door.send(cue()), Err(Shut::Full));
        let urgent = [Action::Blackout(true), Action::Freeze(true), Action::PanicBlack(true), Action::Blackout(false)];
        urgent.iter().for_each(|what| door.send(command(what.clone())).expect("room"));
        let late = |visitors: &mut Visitors| visitors.next(true).map(|command| command.what);
        let came: Vec<Action> = std::iter::from_fn(|| late(&mut visitors)).collect();
        assert_eq!(came, urgent);
        assert_eq!(std::iter::from_fn(|| visitors.next(false)).count(), 8);
    }

    #[test]
    fn a_blackout_for_the_bar_waits_like_anything_else() {
        let (door, mut visitors) = door(8);
        door.send(Command { when: When::Bar, ..command(Action::Blackout(true)) }).expect("room");
        assert_eq!(visitors.next(true), None);
        assert!(visitors.next(false).is_some());
    }

    #[test]
    fn who_knocks_where_nobody_is_learns_it() {
        let (door, visitors) = door(8);
        drop(visitors);
        assert_eq!([cue(), command(Action::Blackout(true))].map(|it| door.send(it)), [Err(Shut::Closed); 2]);
    }
}
