//! A source: the operator's taps.

use crate::arbiter::confidences::Confidences;
use crate::arbiter::level::fold;
use crate::arbiter::reference::{Reference, Source};
use downbeat_protocol::ShowTime;
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};

/// How long after a tap the operator's tapping has no competition, in nanoseconds; then other sources may agree.
const TAPPING: i64 = 2_000_000_000;
/// Intervals in the median: more are steadier, fewer react faster.
const INTERVALS: usize = 7;
/// A finger is not faster: a tap this soon after another, in nanoseconds, is the same one, which came twice, or late and
/// in a bunch.
const BOUNCE: i64 = 150_000_000;

/// The last taps in succession.
#[derive(Clone, Debug, Default)]
pub(super) struct Taps {
    times: Vec<ShowTime>,
}

impl Taps {
    /// Takes a tap, unless it is the last one again; after a pause it starts again. The beat is there, in the tapped tempo
    /// from the second tap on, and in the current one before that. In a locked range it is the tapped tempo's octave
    /// there, or the current tempo without one.
    pub fn tap(&mut self, present_tempo: f64, range: Option<[f64; 2]>, moment: ShowTime) -> Option<Reference> {
        let bounces = |last: &ShowTime| moment.since(*last).saturating_abs() < BOUNCE;
        if self.times.last().is_some_and(bounces) {
            return None;
        }
        let tempo = self.count(moment).and_then(|tempo| inside(tempo, range)).unwrap_or(present_tempo);
        Some(Reference { source: Source::Taps, moment, tempo, beat_phase: 0.0, bar: None, sure: Confidences::SURE })
    }

    /// The tempo of this and the earlier taps, in beats per minute.
    fn count(&mut self, moment: ShowTime) -> Option<f64> {
        let is_next = |last: &ShowTime| (BOUNCE..=TAPPING).contains(&moment.since(*last));
        if !self.times.last().is_some_and(is_next) {
            self.times.clear();
        }
        if self.times.len() > INTERVALS {
            self.times.remove(0);
        }
        self.times.push(moment);
        let mut intervals: Vec<i64> = self.times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
        intervals.sort_unstable();
        // The median ignores a single missed tap.
        let median = match intervals.len() {
            0 => return None,
            even if even % 2 == 0 => (intervals[even / 2 - 1] + intervals[even / 2]) / 2,
            odd => intervals[odd / 2],
        };
        Some((60e9 / median as f64).clamp(TEMPO_MIN, TEMPO_MAX))
    }

    /// Whether there are enough taps for a tempo.
    pub fn has_tempo(&self) -> bool {
        self.times.len() > 1
    }

    /// Whether the operator may still be tapping.
    pub fn is_tapping(&self, now: ShowTime) -> bool {
        self.times.last().is_some_and(|last| now.since(*last) <= TAPPING)
    }
}

/// The octave of a tempo in a range; none if all of them are outside.
fn inside(tempo: f64, range: Option<[f64; 2]>) -> Option<f64> {
    let Some([low, high]) = range else { return Some(tempo) };
    let folded = tempo * fold(tempo, [low, high]);
    (low..=high).contains(&folded).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: f64 = 77.0;

    fn tapped(seconds: &[f64]) -> Option<f64> {
        let mut taps = Taps::default();
        let tap = |at: &f64| taps.tap(PRESENT, None, ShowTime::from_secs_f64(*at));
        let last = seconds.iter().filter_map(tap).last().expect("a tap");
        (last.tempo != PRESENT).then_some(last.tempo)
    }

    #[test]
    fn one_tap_has_no_tempo_and_two_have() {
        assert_eq!(tapped(&[1.0]), None);
        assert_eq!(tapped(&[1.0, 1.5]), Some(120.0));
    }

    #[test]
    fn one_finger_that_missed_does_not_change_the_tempo() {
        let tempo = tapped(&[0.0, 0.5, 1.0, 1.62, 2.0, 2.5]).expect("a tempo");
        assert!((tempo - 120.0).abs() < 1e-6);
    }

    #[test]
    fn a_tap_that_comes_twice_is_one_tap() {
        assert_eq!(tapped(&[0.0, 0.0]), None);
        assert_eq!(tapped(&[0.0, 0.02, 0.5, 0.5, 0.64, 1.0, 0.99]), Some(120.0));
    }

    #[test]
    fn after_two_seconds_tapping_begins_anew() {
        assert_eq!(tapped(&[0.0, 0.5, 2.6]), None);
        assert_eq!(tapped(&[0.0, 0.5, 2.6, 3.6]), Some(60.0));
    }
}
