//! What lies in the middle of some numbers, or at another share of them.

/// The middle of some values, between the two middle ones where their number is even; not a number where there is none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// A percentile, from 0 to 1, in a straight line between neighbours.
pub fn percentile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let place = share * values.len().saturating_sub(1) as f64;
    let (low, rest) = (place.floor() as usize, place.fract());
    match (values.get(low), values.get(low + 1)) {
        (Some(low), Some(high)) => low + rest * (high - low),
        (Some(low), None) => *low,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_neighbours() {
        assert_eq!(median([3.0, 1.0, 2.0, 10.0].into_iter()), 2.5);
        assert!((percentile([0.0, 1.0, 2.0, 3.0, 4.0].into_iter(), 0.9) - 3.6).abs() < 1e-12);
        assert!(median(std::iter::empty()).is_nan());
    }
}
