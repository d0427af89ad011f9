//! How often something may happen: so many times at once, and at a rate in the long run.

use downbeat_protocol::HostTime;

/// A token bucket that fills at a rate. Pure: time is an argument.
#[derive(Debug)]
pub struct Allowance {
    left: f64,
    most: f64,
    per_second: f64,
    then: HostTime,
}

impl Allowance {
    /// `most` at once, and `per_second` in the long run.
    pub fn new(most: f64, per_second: f64, now: HostTime) -> Self {
        Self { left: most, most, per_second, then: now }
    }

    /// Takes one token; false if there is none.
    pub fn take(&mut self, now: HostTime) -> bool {
        let filled = self.left + now.since(self.then).max(0) as f64 * 1e-9 * self.per_second;
        self.left = filled.min(self.most);
        self.then = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_only_the_rate() {
        let mut allowance = Allowance::new(3.0, 10.0, HostTime::ZERO);
        let taken: Vec<bool> = (0..5).map(|_| allowance.take(HostTime::ZERO)).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        assert!(allowance.take(HostTime::from_secs_f64(0.1)));
        assert!(!allowance.take(HostTime::from_secs_f64(0.15)));
        let later = HostTime::from_secs_f64(60.0);
        assert_eq!((0..9).filter(|_| allowance.take(later)).count(), 3);
    }
}
