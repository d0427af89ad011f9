//! Whether all beats came. Pure.

use super::excuses::{Excuses, Part};
use crate::bench::Distribution;

/// Beats are counted modulo this.
const COUNTED: i64 = 1 << 20;
/// A step back of up to so many beats is a repetition, not a way around.
const BACK: i64 = 64;

/// How the beats came.
#[derive(Default)]
pub struct Pulse {
    /// Beats that came.
    pub came: usize,
    /// Beats that did not, though nothing excuses it: when, and how many.
    pub lost: Vec<(i64, i64)>,
    /// Beats that fell into a takeover.
    pub in_takeovers: i64,
    /// Beats that faults took.
    pub excused: i64,
    /// Beats that came twice.
    pub twice: i64,
    /// How far the time between two beats is from that before, outside of all faults.
    pub unevenness: Distribution,
}

impl Pulse {
    /// Judges what came at one output; `part` is the part of the rig that it is, `period` the length of a beat in
    /// nanoseconds.
    pub fn of(beats: &[(i64, i64)], period: i64, part: Part, excuses: &Excuses, until: i64) -> Self {
        let mut pulse = Self { came: beats.len(), ..Self::default() };
        let Some((&first, rest)) = beats.split_first() else { return pulse };
        let (own, any) = ([part, Part::Audio], [part, Part::Audio, Part::Lead]);
        let ((mut from, mut last), mut before) = (first, None::<i64>);
        for &(to, number) in rest {
            let (step, gap) = ((number - last).rem_euclid(COUNTED), to - from);
            if step == 0 || step > COUNTED - BACK {
                pulse.twice += 1;
                continue;
            }
            // Beats are numbered, so that a gap shows; where nobody counted meanwhile, the time does.
            let missing = (step - 1).max((gap + period / 2) / period - 1).min(BACK);
            if missing == 0 {
                if let Some(before) = before
                    && !excuses.cover(&any, from - before, to)
                {
                    pulse.unevenness.add((gap - before).abs());
                }
            } else if excuses.cover(&own, from, to) {
                pulse.excused += missing;
            } else if excuses.cover(&[Part::Lead], from, to) {
                pulse.in_takeovers += missing;
            } else {
                pulse.lost.push((from, missing));
            }
            before = (missing == 0).then_some(gap);
            (from, last) = (to, number);
        }
        // An output that has become silent has lost what it does not get.
        if until - from > 2 * period && !excuses.cover(&any, from, until) {
            pulse.lost.push((from, (until - from) / period));
        }
        pulse
    }

    /// How many were lost.
    pub fn lost(&self) -> i64 {
        self.lost.iter().map(|it| it.1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEAT: i64 = 500_000_000;

    fn beats(numbers: &[i64]) -> Vec<(i64, i64)> {
        numbers.iter().map(|number| (number * BEAT, *number)).collect()
    }

    #[test]
    fn a_missing_beat_is_lost_unless_a_fault_took_it() {
        let excuses = Excuses::default();
        let came = beats(&[1, 2, 3, 5, 6, 6, 7]);
        let pulse = Pulse::of(&came, BEAT, Part::Desk, &excuses, 7 * BEAT);
        assert_eq!((pulse.lost(), pulse.excused, pulse.twice), (1, 0, 1));
        let number = excuses.begin(Part::Media, 3 * BEAT);
        assert_eq!(Pulse::of(&came, BEAT, Part::Desk, &excuses, 7 * BEAT).lost(), 1, "it is another's fault");
        excuses.end(number, 5 * BEAT);
        assert_eq!(Pulse::of(&came, BEAT, Part::Media, &excuses, 7 * BEAT).excused, 1);
        excuses.begin(Part::Lead, 4 * BEAT);
        assert_eq!(Pulse::of(&came, BEAT, Part::Desk, &excuses, 7 * BEAT).in_takeovers, 1);
    }

    #[test]
    fn a_beat_that_comes_again_later_costs_none() {
        let pulse = Pulse::of(&beats(&[1, 2, 3, 4]), BEAT, Part::Desk, &Excuses::default(), 4 * BEAT);
        assert_eq!((pulse.lost(), pulse.twice), (0, 0));
        let again = [(BEAT, 1), (2 * BEAT, 2), (2 * BEAT + 1, 1), (3 * BEAT, 3)];
        let pulse = Pulse::of(&again, BEAT, Part::Desk, &Excuses::default(), 3 * BEAT);
        assert_eq!((pulse.lost(), pulse.twice), (0, 1));
    }

    #[test]
    fn silence_at_the_end_is_loss() {
        let pulse = Pulse::of(&beats(&[1, 2, 3]), BEAT, Part::Desk, &Excuses::default(), 13 * BEAT);
        assert_eq!(pulse.lost(), 10);
    }
}
