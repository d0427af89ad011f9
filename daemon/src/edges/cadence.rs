//! The rate of sending.

use downbeat_protocol::HostTime;
use std::time::Duration;

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

    /// This many times a second.
    pub fn hz(rate: f64) -> Self {
        Self::new(if rate > 0.0 { Duration::from_secs_f64(rate.recip()) } else { Duration::ZERO })
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
}
