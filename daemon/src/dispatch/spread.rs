//! How a delay is spread: counts of its values between fixed bounds.
//!
//! Whoever measures adds to a few counters and never waits, so that the hop thread may; whoever reads may come at any
//! time, and gets the spread over a stretch of time as a difference of two readings. The histograms of the usual
//! libraries need a lock or a copy for that.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds in microseconds, the last of which is endless. 2 and 90 ms, from which a message is late and a pulse is not
/// sent, are among them.
const BOUNDS_US: [u64; 25] = [
    10,
    20,
    30,
    50,
    70,
    100,
    200,
    300,
    500,
    700,
    1_000,
    2_000,
    3_000,
    5_000,
    7_000,
    10_000,
    20_000,
    30_000,
    50_000,
    70_000,
    90_000,
    150_000,
    300_000,
    1_000_000,
    u64::MAX,
];

/// The counters of a delay. Shared; every method takes `&self`. Realtime-safe: yes.
#[derive(Debug, Default)]
pub struct Spread {
    counts: [AtomicU64; BOUNDS_US.len()],
    sum_ns: AtomicU64,
}

/// A reading of a [`Spread`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    counts: [u64; BOUNDS_US.len()],
    sum_ns: u64,
}

/// A delay in figures for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// How often it was measured.
    pub count: u64,
    /// Mean, in milliseconds.
    pub mean_ms: f64,
    /// Median, in milliseconds, within the nearest bounds.
    pub p50_ms: f64,
    /// 99th percentile, in milliseconds, within the nearest bounds.
    pub p99_ms: f64,
    /// The bound that no value exceeded, in milliseconds; nothing if one took longer than a second.
    pub max_below_ms: Option<f64>,
}

impl Spread {
    /// Adds a delay in nanoseconds; a negative one counts as none.
    pub fn record(&self, ns: i64) {
        self.record_many(ns, 1);
    }

    /// The same several times.
    pub fn record_many(&self, ns: i64, times: u64) {
        let ns = u64::try_from(ns).unwrap_or(0);
        let place = BOUNDS_US.partition_point(|bound| bound.saturating_mul(1_000) < ns);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(times, Relaxed);
        }
        self.sum_ns.fetch_add(ns.saturating_mul(times), Relaxed);
    }

    /// Adds what another one has counted.
    pub fn add(&self, other: &Counts) {
        for (count, more) in self.counts.iter().zip(other.counts) {
            count.fetch_add(more, Relaxed);
        }
        self.sum_ns.fetch_add(other.sum_ns, Relaxed);
    }

    /// What it has counted since the start.
    pub fn read(&self) -> Counts {
        let counts = std::array::from_fn(|place| self.counts[place].load(Relaxed));
        Counts { counts, sum_ns: self.sum_ns.load(Relaxed) }
    }
}

impl Counts {
    /// What was counted after an earlier reading.
    pub fn since(&self, earlier: &Self) -> Self {
        let counts = std::array::from_fn(|place| self.counts[place].saturating_sub(earlier.counts[place]));
        Self { counts, sum_ns: self.sum_ns.saturating_sub(earlier.sum_ns) }
    }

    /// How often.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of all delays, in seconds.
    pub fn sum_seconds(&self) -> f64 {
        self.sum_ns as f64 * 1e-9
    }

    /// The upper bounds in seconds, the last of which is infinite, and how many values lie between each and the one before
    /// it.
    pub fn buckets(&self) -> Vec<(f64, u64)> {
        (0..BOUNDS_US.len()).map(|place| (bound_us(place) * 1e-6, self.counts[place])).collect()
    }

    /// The figures.
    pub fn summary(&self) -> Summary {
        let count = self.count();
        let last = self.counts.iter().rposition(|count| *count > 0);
        Summary {
            count,
            mean_ms: if count == 0 { 0.0 } else { self.sum_ns as f64 * 1e-6 / count as f64 },
            p50_ms: self.quantile_us(0.5) * 1e-3,
            p99_ms: self.quantile_us(0.99) * 1e-3,
            max_below_ms: Some(last.map_or(0.0, |place| bound_us(place) * 1e-3)).filter(|bound| bound.is_finite()),
        }
    }

    /// A quantile in microseconds, as if values were spread evenly between two bounds.
    fn quantile_us(&self, quantile: f64) -> f64 {
        let wanted = quantile * self.count() as f64;
        let mut below = 0.0;
        for (place, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (count, from) = (*count as f64, place.checked_sub(1).map_or(0.0, bound_us));
            if below + count >= wanted {
                let to = bound_us(place);
                return if to.is_finite() { from + (to - from) * (wanted - below) / count } else { from };
            }
            below += count;
        }
        0.0
    }
}

/// An upper bound in microseconds.
fn bound_us(place: usize) -> f64 {
    match BOUNDS_US.get(place) {
        Some(&u64::MAX) | None => f64::INFINITY,
        Some(&bound) => bound as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_lie_within_the_bounds_around_the_truth() {
        let spread = Spread::default();
        (1..=1_000_i64).for_each(|number| spread.record(number * 10_000));
        let summary = spread.read().summary();
        assert_eq!(summary.count, 1_000);
        assert!((summary.mean_ms - 5.005).abs() < 1e-6, "{summary:?}");
        // Evenly spread values are exact but for the steps of 10 µs.
        assert!((summary.p50_ms - 5.0).abs() < 0.02 && (summary.p99_ms - 9.9).abs() < 0.02, "{summary:?}");
        assert_eq!(summary.max_below_ms, Some(10.0));
    }

    #[test]
    fn a_difference_has_only_what_came_after() {
        let spread = Spread::default();
        spread.record(5_000_000_000);
        let before = spread.read();
        assert_eq!(before.summary().max_below_ms, None, "longer than a second");
        spread.record_many(1_500_000, 3);
        spread.record(-7);
        let summary = spread.read().since(&before).summary();
        assert_eq!((summary.count, summary.max_below_ms), (4, Some(2.0)));
    }

    #[test]
    fn a_bound_belongs_to_what_is_below_it() {
        let spread = Spread::default();
        // Exactly 2 ms is not late, as in `Health`.
        spread.record(2_000_000);
        spread.record(2_000_001);
        let buckets = spread.read().buckets();
        assert!(buckets.contains(&(2e-3, 1)) && buckets.contains(&(3e-3, 1)), "{buckets:?}");
    }

    #[test]
    fn nothing_measured_is_nothing() {
        assert_eq!(Counts::default().summary(), Summary { max_below_ms: Some(0.0), ..Summary::default() });
    }
}
