//! Exponential backoff between attempts.

use std::time::Duration;

/// A wait that doubles after each failure, up to a limit.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Sets the first and the longest wait.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// Resets the wait after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait after a failure.
    pub fn failed(&mut self) -> Duration {
        let wait = self.first.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// Shortens a wait at random, by up to half, so that a hundred peers do not return at the same moment. `chance` is in
/// `[0, 1)`.
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
