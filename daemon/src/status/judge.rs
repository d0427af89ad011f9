//! When what is seen of other threads says something about them (pure).

use downbeat_protocol::HostTime;
use std::time::Duration;

/// After so long without a turn, the whole machine or this program stood still, or this thread did: a signal, a paused
/// virtual machine. Turns come four times a second.
const STILL: Duration = Duration::from_secs(1);
/// How long the others then have to move.
const CHANCE: Duration = Duration::from_millis(250);

/// Decides whether other threads can be judged.
#[derive(Debug, Default)]
pub struct Judge {
    last: Option<HostTime>,
    /// Since when the others have had their chance.
    waiting: Option<HostTime>,
}

impl Judge {
    /// A turn: whether it may judge others. One after a standstill may not, since they stood still, too; but the next
    /// one may, however late it comes.
    pub fn may_judge(&mut self, now: HostTime) -> bool {
        let stood_still = self.last.replace(now).is_some_and(|last| now > last + STILL);
        match self.waiting {
            None if stood_still => self.waiting = Some(now),
            Some(since) if now >= since + CHANCE => self.waiting = None,
            _ => {}
        }
        self.waiting.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_standstill_the_others_first_get_a_chance_to_move() {
        let mut judge = Judge::default();
        let turns = [0, 250, 500, 3_500, 3_501, 3_750, 4_000];
        let may = turns.map(|ms| judge.may_judge(HostTime(ms * 1_000_000)));
        assert_eq!(may, [true, true, true, false, false, true, true]);
    }

    #[test]
    fn a_reporter_that_is_always_late_judges_every_other_time() {
        let mut judge = Judge::default();
        let may = [0, 2, 4, 6, 8].map(|second| judge.may_judge(HostTime(second * 1_000_000_000)));
        assert_eq!(may, [true, false, true, false, true]);
    }
}
