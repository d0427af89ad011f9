//! How long to wait before the next attempt.

use std::time::Duration;

/// Twice as long after each failure, up to a limit.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// From a first wait to the longest.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// It went well: the next failure is a first one.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after a failure.
    pub fn failed(&mut self) -> Duration {
        let wait = self.first.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// A wait with chance in it, so that a hundred peers do not come back in one instant: `chance` is in `[0, 1)` and takes
/// up to half away.
pub fn shortened(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(1.0 - 0.5 * chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_waited_for_twice_as_long_up_to_a_limit() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(50), ms(300));
        assert_eq!([0; 5].map(|_| backoff.failed()), [50, 100, 200, 300, 300].map(ms));
        (0..100).for_each(|_| assert!(backoff.failed() <= ms(300)));
        backoff.reset();
        assert_eq!(shortened(backoff.failed(), 0.5), Duration::from_micros(37_500));
    }
}
