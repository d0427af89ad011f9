//! What is told once more, a little at a time: a receiver behind an interface that stays may have been switched off and on,
//! and nobody says so. Pure.

use super::cadence::Cadence;
use downbeat_protocol::HostTime;
use std::ops::Range;
use std::time::Duration;

/// How often something is due.
const STEP: Duration = Duration::from_millis(200);
/// Steps in which everything is told once more: ten seconds.
const ROUND: u32 = 50;

/// Whose turn it is. The first round begins ten seconds after the start: until then, everything is new.
pub struct Refresh {
    steps: Cadence,
    begins: Option<HostTime>,
    step: u32,
}

impl Default for Refresh {
    fn default() -> Self {
        Self { steps: Cadence::new(STEP), begins: None, step: 0 }
    }
}

impl Refresh {
    /// The places of those that are due, of so many.
    pub fn take(&mut self, now: HostTime, count: usize) -> Range<usize> {
        let begins = *self.begins.get_or_insert(now + STEP * ROUND);
        if now < begins || !self.steps.take(now) {
            return 0..0;
        }
        let place = |step: u32| count * step as usize / ROUND as usize;
        let due = place(self.step)..place(self.step + 1);
        self.step = (self.step + 1) % ROUND;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_turn_within_ten_seconds_and_little_at_a_time() {
        for count in [0, 1, 7, 50, 300] {
            let mut refresh = Refresh::default();
            let mut due = |from: i64, to: i64| -> Vec<usize> {
                (from..to)
                    .step_by(20)
                    .flat_map(|ms| {
                        let due = refresh.take(HostTime(ms * 1_000_000), count);
                        assert!(due.len() <= count.div_ceil(50), "{} at once", due.len());
                        due
                    })
                    .collect()
            };
            assert!(due(0, 10_000).is_empty(), "everything is new");
            for round in 1..3 {
                let mut told = due(round * 10_000, (round + 1) * 10_000);
                told.sort_unstable();
                assert_eq!(told, (0..count).collect::<Vec<_>>(), "round {round}");
            }
        }
    }
}
