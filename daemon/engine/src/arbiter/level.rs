//! Levels of one tempo: the same music counted half or twice as fast.

/// The tolerance for the same tempo: people tap to about 4 %.
const SAME: f64 = 0.05;
/// A level is kept while the music is within this many octaves of it: more than half of one, so that a tempo in the
/// middle between two levels does not flicker.
const KEPT_OCTAVES: f64 = 0.6;

/// The octave factor from one tempo to another, if they match within the accuracy of tapping.
pub(super) fn same_tempo(tempo: f64, other: f64) -> Option<f64> {
    let near = |factor: &f64| (other / (tempo * factor) - 1.0).abs() <= SAME;
    [0.25, 0.5, 1.0, 2.0, 4.0].into_iter().find(near)
}

/// The multiple of a tempo in a range; 1 if it is inside already or none is.
pub(super) fn fold(tempo: f64, [low, high]: [f64; 2]) -> f64 {
    let inside = |factor: &f64| (low..=high).contains(&(tempo * factor));
    [1.0, 2.0, 0.5, 4.0, 0.25].into_iter().find(inside).unwrap_or(1.0)
}

/// The multiple of a tempo nearest to the requested level; `factor` while that still fits.
pub(super) fn nearest(tempo: f64, level: f64, factor: f64) -> f64 {
    let away = (level / tempo).log2();
    let kept = (away - factor.log2()).abs() <= KEPT_OCTAVES;
    if kept { factor } else { away.round().exp2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tempo_is_found_again_in_other_octaves() {
        assert_eq!(same_tempo(87.0, 174.0), Some(2.0));
        assert_eq!(same_tempo(120.0, 58.5), Some(0.5));
        assert_eq!(same_tempo(120.0, 100.0), None);
    }

    #[test]
    fn a_range_is_reached_by_the_nearest_octave_or_not_at_all() {
        assert_eq!(fold(70.0, [90.0, 180.0]), 2.0);
        assert_eq!(fold(100.0, [90.0, 180.0]), 1.0);
        assert_eq!(fold(100.0, [130.0, 140.0]), 1.0);
    }

    #[test]
    fn a_level_is_left_only_for_one_that_is_clearly_nearer() {
        assert_eq!(nearest(90.0, 180.0, 1.0), 2.0);
        assert_eq!(nearest(125.0, 180.0, 1.0), 1.0, "half way");
        assert_eq!(nearest(125.0, 180.0, 2.0), 2.0, "half way");
    }
}
