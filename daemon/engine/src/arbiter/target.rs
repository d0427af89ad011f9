//! The target of the beat: a reference, corrected by the operator.

use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// A target fits if its beat is this near, in beats, ...
const NEAR: f64 = 0.06;
/// ... and its tempo too, as a factor minus one.
const SIMILAR: f64 = 0.04;

/// The position of the beat, including the operator's octave and offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    /// Beats per minute.
    pub tempo: f64,
    /// A beat.
    pub beat: ShowTime,
    /// The parts of a beat at which `beat` may lie: one, or less if the operator halved the tempo.
    pub unit: Beats,
}

impl Target {
    /// The line through this target nearest to `line`.
    pub fn line(&self, line: &Timeline) -> Timeline {
        let there = line.beats_at(self.beat);
        let tempo = self.tempo.clamp(TEMPO_MIN, TEMPO_MAX);
        Timeline { tempo, beat_origin: there - self.offset(there), time_origin: self.beat, ..*line }
    }

    /// The distance of the target's beat from the nearest possible one of `line`.
    pub fn away(&self, line: &Timeline) -> Beats {
        self.offset(line.beats_at(self.beat))
    }

    /// Whether it agrees with `line`.
    pub fn fits(&self, line: &Timeline) -> bool {
        self.is_near(line) && self.is_similar(line)
    }

    /// Whether its beat agrees with `line`.
    pub fn is_near(&self, line: &Timeline) -> bool {
        self.away(line).as_f64().abs() <= NEAR
    }

    /// Whether its tempo agrees with `line`.
    pub fn is_similar(&self, line: &Timeline) -> bool {
        (self.tempo / line.tempo - 1.0).abs() <= SIMILAR
    }

    /// The distance of a count from the nearest possible one.
    fn offset(&self, count: Beats) -> Beats {
        let unit = self.unit.0.max(1);
        Beats((count.0 + unit / 2).rem_euclid(unit) - unit / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_tempo_accepts_the_beats_between() {
        let target = |unit| Target { tempo: 120.0, beat: ShowTime::ZERO, unit };
        assert_eq!(target(Beats(Beats::MICRO / 2)).offset(Beats::from_f64(3.51)), Beats::from_f64(0.01));
        assert_eq!(target(Beats::ONE).offset(Beats::from_f64(3.9)), Beats::from_f64(-0.1));
    }
}
