//! Beats in a row at the right level (CMLt), or at any allowed one (AMLt: also off the beat, double, half).
//!
//! Hainsworth (2004), Klapuri et al. (2006), in the version of mir_eval.beat.continuity with its thresholds of 0.175.

use super::matching::nearest;

/// How far a beat may be off, and an interval, as parts of the true interval.
const TOLERANCE: f64 = 0.175;

/// CMLt and AMLt of said beats.
pub fn continuity(truth: &[f64], said: &[f64]) -> (f64, f64) {
    if truth.len() < 2 || said.len() < 2 {
        return (0.0, 0.0);
    }
    let double: Vec<f64> =
        truth.windows(2).flat_map(|pair| [pair[0], 0.5 * (pair[0] + pair[1])]).chain(truth.last().copied()).collect();
    let every_second = |from: usize, of: &[f64]| of.iter().copied().skip(from).step_by(2).collect::<Vec<f64>>();
    let correct = correct(truth, said);
    let others = [every_second(1, &double), double.clone(), every_second(0, truth), every_second(1, truth)];
    let best = others.iter().map(|other| self::correct(other, said)).fold(correct, f64::max);
    (correct, best)
}

/// The part of the beats that are right, and whose interval is.
fn correct(truth: &[f64], said: &[f64]) -> f64 {
    let mut used = vec![false; truth.len()];
    let right = (0..said.len()).filter(|index| {
        let Some(near) = nearest(truth, said[*index]) else { return false };
        let right = !used[near] && fits(truth, near, said, *index);
        used[near] |= right;
        right
    });
    right.count() as f64 / truth.len().max(said.len()) as f64
}

fn fits(truth: &[f64], near: usize, said: &[f64], index: usize) -> bool {
    // The first beat has no interval behind it, so its next one counts, except where there is none.
    let first = index == 0 || near == 0;
    let interval = |times: &[f64], at: usize| match (first, times.get(at + 1), at.checked_sub(1)) {
        (true, Some(next), _) => Some(next - times[at]),
        (_, _, Some(before)) => Some(times[at] - times[before]),
        _ => None,
    };
    let (Some(real), Some(heard)) = (interval(truth, near), interval(said, index)) else { return false };
    let off = (said[index] - truth[near]).abs();
    off / real < TOLERANCE && (1.0 - heard / real).abs() < TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(interval: f64, from: f64) -> Vec<f64> {
        (0..40).map(|beat| from + f64::from(beat) * interval).collect()
    }

    #[test]
    fn the_right_level_is_right_and_double_tempo_only_allowed() {
        let truth = every(0.5, 5.0);
        assert_eq!(continuity(&truth, &truth), (1.0, 1.0));
        let double: Vec<f64> = (0..79).map(|beat| 5.0 + 0.25 * f64::from(beat)).collect();
        let (right, allowed) = continuity(&truth, &double);
        assert!(right < 0.1 && allowed == 1.0, "{right} {allowed}");
        let (right, allowed) = continuity(&truth, &every(0.5, 5.25));
        assert!(right < 0.1 && allowed > 0.95, "off the beat: {right} {allowed}");
    }

    #[test]
    fn a_wrong_tempo_is_wrong_at_every_level() {
        let (_, allowed) = continuity(&every(0.5, 5.0), &every(0.37, 5.0));
        assert!(allowed < 0.3, "{allowed}");
    }
}
