//! Matches reported events with true ones.

/// The most pairs of a true and a said time within a window, each time used once. Both in order.
///
/// With one window for all, taking the earliest partner each time is a maximum matching.
pub fn matches(truth: &[f64], said: &[f64], window: f64) -> usize {
    let (mut at, mut next, mut count) = (0, 0, 0);
    while let (Some(real), Some(heard)) = (truth.get(at), said.get(next)) {
        if (real - heard).abs() <= window {
            (at, next, count) = (at + 1, next + 1, count + 1);
        } else if heard < real {
            next += 1;
        } else {
            at += 1;
        }
    }
    count
}

/// The harmonic mean of precision and recall; 0 where one of both is empty.
pub fn f_measure(truth: &[f64], said: &[f64], window: f64) -> f64 {
    if truth.is_empty() || said.is_empty() {
        return 0.0;
    }
    2.0 * matches(truth, said, window) as f64 / (truth.len() + said.len()) as f64
}

/// The index of the time nearest to another; the first of two that are equally near.
pub fn nearest(times: &[f64], to: f64) -> Option<usize> {
    let distance = |index: &usize| (times[*index] - to).abs();
    (0..times.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_answers_one() {
        assert_eq!(matches(&[1.0, 1.05, 3.0], &[1.02, 2.0, 3.01], 0.07), 2);
        assert_eq!(matches(&[1.0], &[0.95, 1.0, 1.05], 0.07), 1);
        assert!((f_measure(&[1.0, 2.0], &[1.01, 2.01, 2.5, 3.0], 0.07) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(f_measure(&[], &[1.0], 0.07), 0.0);
    }

    #[test]
    fn the_first_of_two_equally_near_is_taken() {
        assert_eq!(nearest(&[1.0, 2.0, 4.0], 1.5), Some(0));
        assert_eq!(nearest(&[], 1.5), None);
    }
}
