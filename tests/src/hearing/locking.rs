//! How soon the beats are right: after the start, and after a tempo step.

use super::matching::nearest;

/// So many beats in a row are a lock.
const IN_A_ROW: usize = 4;
/// A step of the tempo is at least this part of it; below, one follows without losing anything.
const STEP: f64 = 0.08;
/// Beats on either side of a step are even within this part.
const EVEN: f64 = 0.01;

/// Seconds from the first beat of `truth` to the first of four in a row that are hit within the window.
pub fn lock(truth: &[f64], said: &[f64], window: f64) -> Option<f64> {
    let hit = |beat: &f64| nearest(said, *beat).is_some_and(|near| (said[near] - beat).abs() <= window);
    let first = truth.windows(IN_A_ROW).find(|row| row.iter().all(hit))?;
    Some(first[0] - truth[0])
}

/// The beats at which the tempo steps: the first of the new tempo.
pub fn steps(beats: &[f64]) -> Vec<usize> {
    let intervals: Vec<f64> = beats.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let even = |row: &[f64]| {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        row.iter().all(|interval| (interval / mean - 1.0).abs() < EVEN).then_some(mean)
    };
    let mut found: Vec<usize> = Vec::new();
    for beat in IN_A_ROW..intervals.len().saturating_sub(IN_A_ROW - 1) {
        // A cut leaves one interval that belongs to neither tempo.
        let before = [0, 1].into_iter().filter_map(|cut| {
            let end = beat - cut;
            end.checked_sub(IN_A_ROW).and_then(|start| even(&intervals[start..end]))
        });
        let after = even(&intervals[beat..beat + IN_A_ROW]);
        let near = found.last().is_some_and(|last| beat - last < 2 * IN_A_ROW);
        let stepped = |before: f64| after.is_some_and(|after| (after / before - 1.0).abs() > STEP);
        if !near && { before }.any(stepped) {
            found.push(beat);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(tempos: &[(f64, usize)]) -> Vec<f64> {
        let intervals = tempos.iter().flat_map(|(interval, count)| std::iter::repeat_n(*interval, *count));
        let ends = intervals.scan(0.0, |time, interval| {
            *time += interval;
            Some(*time)
        });
        std::iter::once(0.0).chain(ends).collect()
    }

    #[test]
    fn a_step_and_a_cut_are_found_where_the_new_tempo_begins() {
        assert_eq!(steps(&beats(&[(0.5, 20), (0.4, 20)])), [20]);
        assert_eq!(steps(&beats(&[(0.5, 20), (0.2, 1), (0.4, 20)])), [21]);
        assert_eq!(steps(&beats(&[(0.5, 20), (6.0, 1), (0.5, 20)])), [] as [usize; 0], "a pause is no step");
    }

    #[test]
    fn a_slow_change_is_no_step() {
        let ramp = (0..40).map(|beat| (0.6 * 0.987f64.powi(beat), 1));
        let steady = [(0.6, 20)].into_iter().chain(ramp).chain([(0.6 * 0.987f64.powi(40), 20)]);
        assert_eq!(steps(&beats(&steady.collect::<Vec<_>>())), [] as [usize; 0]);
    }

    #[test]
    fn the_lock_is_the_first_of_four_hits_in_a_row() {
        let truth = beats(&[(0.5, 12)]);
        let said: Vec<f64> = truth.iter().enumerate().filter(|(at, _)| *at != 4).map(|(_, time)| *time).collect();
        assert_eq!(lock(&truth, &said, 0.07), Some(0.0));
        assert_eq!(lock(&truth, &said[2..], 0.07), Some(2.5));
        assert_eq!(lock(&truth, &[], 0.07), None);
    }
}
