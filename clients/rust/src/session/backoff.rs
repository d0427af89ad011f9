//! How long to wait before the next attempt.

use std::time::Duration;

/// After the first failure.
const FIRST: Duration = Duration::from_millis(50);
/// At most, while the daemon or the link may come back at any moment: a node has to be back within a second of it. A
/// hundred nodes that try four times a second are a few packets each.
const LONGEST: Duration = Duration::from_millis(250);
/// After a refusal: somebody has to change something first.
const REFUSED: Duration = Duration::from_secs(5);

/// Twice as long each time, with chance in it so that a hundred nodes do not come back in one instant.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went well: the next failure is a first one.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after a failure; `chance` is in `[0, 1)` and takes up to half away.
    pub fn failed(&mut self, chance: f64) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        shortened(full, chance)
    }

    /// How long to wait after a refusal.
    pub fn refused(&mut self, chance: f64) -> Duration {
        shortened(REFUSED, chance)
    }
}

fn shortened(full: Duration, chance: f64) -> Duration {
    full.mul_f64(1.0 - 0.5 * chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_quarter_second_and_begins_anew_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..7).map(|_| backoff.failed(0.0).as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 250, 250, 250, 250]);
        backoff.reset();
        assert_eq!(backoff.failed(0.0), FIRST);
    }

    #[test]
    fn chance_takes_up_to_half_away() {
        assert_eq!(Backoff::default().failed(1.0), FIRST / 2);
        assert!(Backoff::default().refused(0.5) > LONGEST);
    }
}
