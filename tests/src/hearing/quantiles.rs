//! Medians and other quantiles.

use downbeat_protocol::quantile;

/// The middle of some values, between the two middle ones where their number is even; not a number where there is none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// A percentile, from 0 to 1; not a number where there is none.
pub fn percentile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    quantile(values, share).unwrap_or(f64::NAN)
}
