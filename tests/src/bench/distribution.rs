//! A distribution of durations and the percentiles that the project quotes.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Durations in nanoseconds, kept to three digits.
pub struct Distribution(Histogram<u64>);

impl Default for Distribution {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds that hdrhistogram takes"))
    }
}

impl Distribution {
    /// Adds one; a negative duration counts as none.
    pub fn add(&mut self, nanoseconds: i64) {
        self.0.saturating_record(u64::try_from(nanoseconds).unwrap_or(0));
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// A percentile in milliseconds.
    pub fn percentile_ms(&self, percentile: f64) -> f64 {
        self.0.value_at_percentile(percentile) as f64 * 1e-6
    }

    /// The greatest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.0.max() as f64 * 1e-6
    }

    /// One line of a table: count, p50, p99, max.
    pub fn row(&self) -> String {
        let (p50, p99) = (self.percentile_ms(50.0), self.percentile_ms(99.0));
        format!("{:>8} {p50:>9.3} {p99:>9.3} {:>9.3}", self.count(), self.max_ms())
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        json!({
            "count": self.count(),
            "p50-ms": self.percentile_ms(50.0),
            "p99-ms": self.percentile_ms(99.0),
            "max-ms": self.max_ms(),
        })
    }
}
