//! Medians and percentiles, computed in one way everywhere.

/// The value below which `share`, `[0, 1]`, of the values lie, by linear interpolation; none of no values.
///
/// This is the usual definition: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996).
pub fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    Some(sorted[low] + part * (sorted[(low + 1).min(last)] - sorted[low]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_neighbours() {
        assert_eq!(quantile([3.0, 1.0, 2.0, 10.0], 0.5), Some(2.5));
        assert!((quantile([0.0, 1.0, 2.0, 3.0, 4.0], 0.9).expect("values") - 3.6).abs() < 1e-12);
        assert_eq!([0.0, 1.0, 7.0].map(|share| quantile([5.0, 4.0], share)), [Some(4.0), Some(5.0), Some(5.0)]);
        assert_eq!(quantile([], 0.5), None);
    }
}
