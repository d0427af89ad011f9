//! Where the beat ought to be: what a reference says, as the operator corrects it.

use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// What is said fits when its beat is this near, in beats, ...
const NEAR: f64 = 0.06;
/// ... and its tempo too, as a factor minus one.
const SIMILAR: f64 = 0.04;

/// Where the beat is, octave and offset of the operator included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    /// Beats per minute.
    pub tempo: f64,
    /// A beat.
    pub beat: ShowTime,
    /// At which parts of a beat `beat` may lie: one, or less where the operator halved the tempo.
    pub unit: Beats,
}

impl Target {
    /// The line that runs through this target and is nearest to `line`.
    pub fn line(&self, line: &Timeline) -> Timeline {
        let there = line.beats_at(self.beat);
        let tempo = self.tempo.clamp(TEMPO_MIN, TEMPO_MAX);
        Timeline { tempo, beat_origin: there - self.offset(there), time_origin: self.beat, ..*line }
    }

    /// How far the target's beat is from the nearest one of `line` that it may be.
    pub fn away(&self, line: &Timeline) -> Beats {
        self.offset(line.beats_at(self.beat))
    }

    /// Whether it is what `line` says anyway.
    pub fn fits(&self, line: &Timeline) -> bool {
        self.is_near(line) && self.is_similar(line)
    }

    /// Whether its beat is where `line` has one.
    pub fn is_near(&self, line: &Timeline) -> bool {
        self.away(line).as_f64().abs() <= NEAR
    }

    /// Whether its tempo is that of `line`.
    pub fn is_similar(&self, line: &Timeline) -> bool {
        (self.tempo / line.tempo - 1.0).abs() <= SIMILAR
    }

    /// How far a count is from the nearest allowed one.
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
