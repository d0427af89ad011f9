//! The rate of sending.

use downbeat_protocol::HostTime;
use std::time::Duration;

/// The slowest rate that makes sense: once in 100 s. Far slower ones are no time that a computer can count.
const SLOWEST_HZ: f64 = 0.01;

/// Why a rate in a table is refused, with the valid ones; none if it is valid.
pub fn refusal(rate: f64, fastest: f64) -> Option<String> {
    let is_valid = (SLOWEST_HZ..=fastest).contains(&rate);
    (!is_valid).then(|| format!("{rate} is out of range; choose {SLOWEST_HZ} to {fastest}"))
}

/// The time between two of this many a second; none at 0.
pub fn period(rate: f64) -> Duration {
    Duration::try_from_secs_f64(rate.max(0.0).recip()).unwrap_or_default()
}

/// A regular rhythm. After a pause it starts anew: what was missed is not made up for.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    period: Duration,
    next: HostTime,
}

impl Cadence {
    /// One per period; at zero, on every call. The first is due at once.
    pub fn new(period: Duration) -> Self {
        Self { period, next: HostTime(i64::MIN) }
    }

    /// This many times a second; at 0, on every call.
    pub fn hz(rate: f64) -> Self {
        Self::new(period(rate))
    }

    /// When the next one is due.
    pub fn next(&self) -> HostTime {
        self.next
    }

    /// Whether one is due; if so, the next is due a period later.
    pub fn take(&mut self, now: HostTime) -> bool {
        let due = now >= self.next;
        if due {
            let next = self.next + self.period;
            self.next = if next > now { next } else { now + self.period };
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rhythm_is_kept_and_starts_anew_after_a_pause() {
        let mut cadence = Cadence::hz(100.0);
        let mut take = |ms: i64| cadence.take(HostTime(ms * 1_000_000));
        assert_eq!([0, 5, 11, 20, 29, 30].map(&mut take), [true, false, true, true, false, true]);
        assert_eq!([500, 505, 510].map(&mut take), [true, false, true]);
        let mut always = Cadence::hz(0.0);
        assert!(always.take(HostTime(1)) && always.take(HostTime(1)));
    }

    #[test]
    fn a_rate_of_which_no_period_can_be_counted_is_refused_and_ends_nothing() {
        for rate in [1e-20, 1e-300, f64::MIN_POSITIVE, -0.0, -1.0, f64::NAN, f64::INFINITY, 1e30] {
            let _ = Cadence::hz(rate);
            let why = refusal(rate, 200.0).unwrap_or_else(|| panic!("{rate} is valid"));
            assert!(why.ends_with("choose 0.01 to 200"), "{why}");
        }
        assert_eq!((refusal(0.01, 200.0), refusal(200.0, 200.0)), (None, None));
        assert_eq!(period(0.01), Duration::from_secs(100));
    }
}
