//! Which senders mostly repeat what they are told. Pure.
//!
//! A motor fader, a bridge or another daemon sends back everything; a person's surface sends back what it is told only by
//! chance. So the habit of a sender says what to think of a value that both may send.

use super::Sender;
use downbeat_protocol::{HostTime, echo};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Maximum of senders; one more takes the place of the one silent for longest, of a stranger first.
const MOST: usize = 512;
/// What was told this long before somebody nobody knew sent anything may have reached it by another control.
const BRIDGE: Duration = Duration::from_millis(50);

/// The senders.
#[derive(Debug, Default)]
pub struct Repeaters(HashMap<SocketAddr, Seen>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    is_known: bool,
    since: HostTime,
    heard: HostTime,
    habit: echo::Habit,
}

/// What a sender is used to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// What was told before cannot come back from it: it was not there.
    pub since: HostTime,
    /// It has commanded nothing so far.
    pub is_fresh: bool,
    /// It mostly repeats what it is told.
    pub is_repeater: bool,
}

impl Repeaters {
    /// Notes that a sender is there. One that is known to receive may have been told everything before.
    pub fn meet(&mut self, from: Sender, now: HostTime) {
        self.seen(from, now);
    }

    /// Notes that a sender has repeated something, or commanded.
    pub fn note(&mut self, from: Sender, repeats: bool, now: HostTime) {
        self.seen(from, now).habit.note(repeats);
    }

    fn seen(&mut self, from: Sender, now: HostTime) -> &mut Seen {
        if self.0.len() >= MOST && !self.0.contains_key(&from.peer) {
            let silent = self.0.iter().min_by_key(|(_, seen)| (seen.is_known, seen.heard)).map(|(peer, _)| *peer);
            silent.and_then(|silent| self.0.remove(&silent));
        }
        let since = if from.is_known { HostTime(i64::MIN) } else { now - BRIDGE };
        let new = Seen { is_known: from.is_known, since, heard: now, habit: echo::Habit::default() };
        let seen = self.0.entry(from.peer).or_insert(new);
        (seen.is_known, seen.heard) = (from.is_known, now);
        seen
    }

    /// What a sender is used to send.
    pub fn habit(&self, peer: SocketAddr) -> Habit {
        let seen = self.0.get(&peer);
        let habit = seen.map(|seen| seen.habit).unwrap_or_default();
        Habit {
            since: seen.map_or(HostTime(i64::MIN), |seen| seen.since),
            is_fresh: habit.is_fresh(),
            is_repeater: habit.is_repeater(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: HostTime = HostTime(i64::MIN);

    fn from(port: u16) -> Sender {
        Sender { peer: SocketAddr::from(([192, 0, 2, 7], port)), is_known: port < 10 }
    }

    #[test]
    fn a_bridge_is_known_by_what_it_repeats_also_while_somebody_plays_on_it() {
        let mut repeaters = Repeaters::default();
        assert_eq!(repeaters.habit(from(1).peer), Habit { since: ALWAYS, is_fresh: true, is_repeater: false });
        (0..2_000).for_each(|it| repeaters.note(from(1), it % 2 == 0, HostTime(it)));
        assert_eq!(repeaters.habit(from(1).peer), Habit { since: ALWAYS, is_fresh: false, is_repeater: true });
        // A person on faders and buttons, who sometimes presses what is lit already.
        (0..2_000).for_each(|it| repeaters.note(from(2), it % 20 == 0, HostTime(it)));
        assert_eq!(repeaters.habit(from(2).peer), Habit { since: ALWAYS, is_fresh: false, is_repeater: false });
    }

    #[test]
    fn forged_senders_make_nobody_forgotten_who_is_known() {
        let mut repeaters = Repeaters::default();
        repeaters.note(from(1), false, HostTime(0));
        (100..10_000).for_each(|port| repeaters.note(from(port), true, HostTime(i64::from(port))));
        assert!(!repeaters.habit(from(1).peer).is_fresh);
        assert!(repeaters.0.len() <= MOST);
    }
}
