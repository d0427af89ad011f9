//! Commands that come twice: a tablet may send to the leader and to the standby, which passes them on to the leader.

use downbeat_protocol::{Action, Command, ShowTime, When};
use std::collections::VecDeque;

/// How long after a command the same one may come by the other way, in nanoseconds.
const LATER_NS: i64 = 250_000_000;
/// How far apart the moments of the two may be, in nanoseconds: each daemon notes when a tap came to it. A finger is
/// slower.
const APART_NS: i64 = 100_000_000;
/// Maximum of commands that are remembered: ten faders at 50 Hz, twice.
const MOST: usize = 256;
/// How much a number may change on its way through a message, as a part of it.
const ROUNDED: f64 = 1e-12;

/// The commands of the last moment that came by one of the two ways only.
#[derive(Clone, Debug, Default)]
pub(super) struct TwoWays {
    lately: VecDeque<Came>,
}

#[derive(Clone, Debug)]
struct Came {
    at: ShowTime,
    relayed: bool,
    what: Action,
    when: When,
}

impl TwoWays {
    /// Whether a command came by the other way a moment ago: each time there counts for one time here. Remembers it if
    /// not.
    pub fn has_come(&mut self, command: &Command, now: ShowTime) -> bool {
        // Twice the same definition is one, and it may be long.
        if command.what.is_edit() {
            return false;
        }
        let relayed = Command::is_relayed(&command.from);
        self.lately.retain(|came| now.since(came.at).saturating_abs() <= LATER_NS);
        let same = self.lately.iter().position(|came| came.relayed != relayed && came.is_like(command));
        if let Some(place) = same {
            self.lately.remove(place);
            return true;
        }
        // One that was lost on the other way. What came there is no longer what is set: when it comes here, it counts.
        let sets = command.what.sets();
        self.lately.retain(|came| came.relayed == relayed || sets.is_none() || came.what.sets() != sets);
        if self.lately.len() >= MOST {
            self.lately.pop_front();
        }
        self.lately.push_back(Came { at: now, relayed, what: command.what.clone(), when: command.when });
        false
    }
}

impl Came {
    fn is_like(&self, command: &Command) -> bool {
        let is_then = match (self.when, command.when) {
            (When::At(one), When::At(other)) => one.since(other).saturating_abs() <= APART_NS,
            (one, other) => one == other,
        };
        let is_that = match (&self.what, &command.what) {
            (Action::Nudge(one), Action::Nudge(other)) | (Action::Tempo(one), Action::Tempo(other)) => {
                (one - other).abs() <= ROUNDED * one.abs()
            }
            (one, other) => one == other,
        };
        is_then && is_that
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECT: &str = "osc:192.0.2.7:9000";
    const RELAYED: &str = "quic:standby of show~";

    fn at_ms(ms: i64) -> ShowTime {
        ShowTime(ms * 1_000_000)
    }

    fn comes(ways: &mut TwoWays, from: &str, (what, when): (Action, When), ms: i64) -> bool {
        !ways.has_come(&Command { what, when, from: from.into() }, at_ms(ms))
    }

    #[test]
    fn a_press_by_both_ways_is_one_and_two_are_two_whichever_way_is_faster() {
        let press = || (Action::Double, When::Now);
        for [first, second] in [[DIRECT, RELAYED], [RELAYED, DIRECT]] {
            let mut ways = TwoWays::default();
            let order = [(first, 0), (second, 5), (first, 100), (first, 150), (second, 160), (second, 170)];
            let counted = order.map(|(from, ms)| comes(&mut ways, from, press(), ms));
            assert_eq!(counted, [true, false, true, true, false, false]);
        }
    }

    #[test]
    fn what_comes_by_one_way_only_or_much_later_counts() {
        let mut ways = TwoWays::default();
        let presses = [(RELAYED, 0), (RELAYED, 20), (DIRECT, 900), (DIRECT, 910), (RELAYED, 1_300)];
        assert!(presses.iter().all(|&(from, ms)| comes(&mut ways, from, (Action::Undo, When::Now), ms)));
        assert!(comes(&mut ways, DIRECT, (Action::Undo, When::Bar), 1_310), "another moment");
        assert!(comes(&mut ways, DIRECT, (Action::Double, When::Now), 1_320), "another thing");
    }

    #[test]
    fn a_tap_that_both_daemons_note_is_one() {
        let mut ways = TwoWays::default();
        let taps = [(DIRECT, 0), (RELAYED, 12), (RELAYED, 212), (DIRECT, 215)];
        let counted = taps.map(|(from, ms)| comes(&mut ways, from, (Action::Tap, When::At(at_ms(ms))), ms));
        assert_eq!(counted, [true, false, true, false]);
    }

    #[test]
    fn a_value_that_was_lost_on_its_own_way_does_not_stay() {
        let mut ways = TwoWays::default();
        let tempo = |bpm| (Action::Tempo(bpm), When::Now);
        assert!(comes(&mut ways, DIRECT, tempo(120.0), 0) && comes(&mut ways, DIRECT, tempo(122.0), 20));
        assert!(!comes(&mut ways, RELAYED, tempo(120.0), 25), "old");
        assert!(comes(&mut ways, RELAYED, tempo(121.0), 30), "lost");
        assert!(comes(&mut ways, RELAYED, tempo(122.0), 35), "the last one holds");
    }
}
