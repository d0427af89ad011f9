//! How long after a moment all its data has arrived, which determines the playout delay.

use downbeat_protocol::ShowTime;

/// Width and number of classes: up to half a second.
const CLASS_NS: i64 = 250_000;
const CLASSES: usize = 2_000;
/// Length of each half of the memory.
const HALF_NS: i64 = 30_000_000_000;
/// Minimum count for a statement about one in a thousand.
const ENOUGH: u64 = 1_000;
/// Margin on top of the measurement, for scheduling of the node's own thread.
const MARGIN_NS: i64 = 2_000_000;

/// The lags of the last half to whole minute.
#[derive(Debug, Default)]
pub struct Lag {
    now: Half,
    before: Half,
    began: Option<ShowTime>,
}

#[derive(Debug, Default)]
struct Half {
    classes: Vec<u32>,
    count: u64,
}

impl Lag {
    /// Records that final data reached a moment this late (nanoseconds), seen at a time.
    pub fn add(&mut self, lag_ns: i64, at: ShowTime) {
        let began = *self.began.get_or_insert(at);
        if !(0..HALF_NS).contains(&at.since(began)) {
            self.before = std::mem::take(&mut self.now);
            self.began = Some(at);
        }
        self.now.classes.resize(CLASSES, 0);
        let class = usize::try_from(lag_ns / CLASS_NS).unwrap_or(0).min(CLASSES - 1);
        self.now.classes[class] += 1;
        self.now.count += 1;
    }

    /// The lag that this many of a thousand stay within, in milliseconds. None until there is enough data.
    pub fn within_ms(&self, of_thousand: u64) -> Option<f64> {
        let count = self.now.count + self.before.count;
        let wanted = (count * of_thousand).div_ceil(1_000);
        let of = |half: &Half, class: usize| u64::from(half.classes.get(class).copied().unwrap_or(0));
        let mut sum = 0;
        let class = (0..CLASSES).find(|class| {
            sum += of(&self.now, *class) + of(&self.before, *class);
            sum >= wanted
        });
        (count >= ENOUGH).then(|| (class.unwrap_or(CLASSES) + 1) as f64 * CLASS_NS as f64 * 1e-6)
    }

    /// The playout delay in milliseconds at which one frame in a thousand would have waited.
    pub fn proposal_ms(&self) -> Option<f64> {
        Some((self.within_ms(999)? + MARGIN_NS as f64 * 1e-6).ceil())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_proposed_that_all_but_one_in_a_thousand_keep() {
        let mut lag = Lag::default();
        assert_eq!(lag.proposal_ms(), None);
        for count in 0..10_000 {
            let late = if count % 500 == 0 { 40_000_000 } else { 6_000_000 };
            lag.add(late, ShowTime(count * 1_000_000));
        }
        assert_eq!(lag.within_ms(500), Some(6.25));
        assert_eq!(lag.proposal_ms(), Some(43.0));
    }

    #[test]
    fn what_was_a_minute_ago_is_forgotten() {
        let mut lag = Lag::default();
        let second = |at: i64| ShowTime(at * 10_000_000);
        (0..3_000).for_each(|at| lag.add(80_000_000, second(at)));
        (3_000..9_100).for_each(|at| lag.add(5_000_000, second(at)));
        assert_eq!(lag.proposal_ms(), Some(8.0));
    }
}
