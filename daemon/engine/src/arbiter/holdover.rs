//! How long the beat continues after every source has lost it.

use crate::MusicState;
use downbeat_protocol::ShowTime;

/// Time without a sure source after which the beat is lost: 10 s.
const LOST: i64 = 10_000_000_000;
/// A beat that was sure for this long is carried through breakdowns; a shorter one, from noise or by chance, is soon
/// dropped.
const ESTABLISHED: i64 = 4_000_000_000;
const LOST_EARLY: i64 = 2_000_000_000;
/// A longer gap between two hops is not listening.
const LONGEST_HOP: i64 = 250_000_000;

/// Measures how long the beat has been sure, and since when it is not.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdover {
    /// When a source was last sure of the beat, or is known to do without one for a while.
    sure_at: Option<ShowTime>,
    /// The last call.
    last: Option<ShowTime>,
    /// The total time for which the beat has been sure since it was found.
    sure_for: i64,
}

impl Holdover {
    /// Advances to `now`; `sure` if a source is. Returns whether the beat is lost.
    pub fn advance(&mut self, sure: bool, state: MusicState, now: ShowTime) -> bool {
        if sure {
            self.sure_for += self.last.map_or(0, |last| now.since(last)).clamp(0, LONGEST_HOP);
        }
        self.last = Some(now);
        let established = self.sure_for >= ESTABLISHED;
        if sure || established && state == MusicState::Breakdown {
            self.sure_at = Some(now);
            return false;
        }
        let patience = if established { LOST } else { LOST_EARLY };
        let lost = self.sure_at.is_none_or(|at| now.since(at) > patience);
        if lost {
            self.sure_for = 0;
        }
        lost
    }

    /// Nothing can be heard, and the beat continues by the clock: only one that is established. Returns whether it is.
    pub fn carry(&mut self, now: ShowTime) -> bool {
        let established = self.sure_for >= ESTABLISHED;
        if established {
            (self.sure_at, self.last) = (Some(now), Some(now));
        }
        established
    }

    /// The nanoseconds until the beat is lost, as far as known.
    pub fn left(&self, state: MusicState, now: ShowTime) -> Option<i64> {
        let established = self.sure_for >= ESTABLISHED;
        if established && state == MusicState::Breakdown {
            return None;
        }
        let patience = if established { LOST } else { LOST_EARLY };
        self.sure_at.map(|at| (patience - now.since(at)).max(0))
    }

    /// Another song: its beat must be found first.
    pub fn begin(&mut self) {
        self.sure_for = 0;
    }

    /// The beat was inherited, after being sure for long.
    pub fn resume(&mut self, now: ShowTime) {
        self.sure_at = Some(now);
        self.sure_for = ESTABLISHED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MusicState::{Breakdown, Playing};

    /// The seconds after which a beat is dropped that was sure for some seconds.
    fn lost_after(sure_s: i64, state: MusicState) -> Option<i64> {
        let mut holdover = Holdover::default();
        let at = |tenth: i64| ShowTime(tenth * 100_000_000);
        (0..=10 * sure_s).for_each(|tenth| assert!(!holdover.advance(true, Playing, at(tenth))));
        let end = 10 * sure_s;
        (1..600).find(|tenth| holdover.advance(false, state, at(end + tenth))).map(|tenth| tenth / 10)
    }

    #[test]
    fn a_beat_goes_on_the_longer_the_longer_it_was_sure() {
        assert_eq!(lost_after(1, Playing), Some(2));
        assert_eq!(lost_after(5, Playing), Some(10));
    }

    #[test]
    fn a_breakdown_keeps_an_established_beat_for_as_long_as_it_takes() {
        assert_eq!(lost_after(5, Breakdown), None);
        assert_eq!(lost_after(1, Breakdown), Some(2));
    }
}
