//! How each column of a row moves between rows and without them.

use super::RowView;
use downbeat_protocol::{Schema, ShowTime, Signal, Timeline, Unit};
use std::sync::Arc;

/// How one column moves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Motion {
    /// Linear; decays to this value without rows.
    Level { rest: f32 },
    /// Linear; stays.
    Steady,
    /// The shorter way round a cycle; stays.
    Cycle,
    /// Jumps; stays.
    Step,
}

/// A signal as a function of the timeline.
type Position = fn(&Timeline, ShowTime) -> f64;

/// The signals computed from the timeline, more precisely than from rows, as defined by the daemon's engine.
const POSITIONS: [(&str, Position); 5] = [
    ("beat.phase", Timeline::beat_phase),
    ("beat.count", |line, time| line.beats_at(time).floor().rem_euclid(Signal::COUNTER_WRAP as i64) as f64),
    ("bar.phase", Timeline::bar_phase),
    ("bar.beat", |line, time| f64::from(line.beat_in_bar(line.beats_at(time).floor()))),
    ("phrase.phase", Timeline::phrase_phase),
];

/// Signals that are set rather than heard: a pulled cable does not release a fader.
const SET: [&str; 2] = ["param.", "tempo."];

/// A schema with the motion of each column.
#[derive(Debug)]
pub struct Layout {
    schema: Arc<Schema>,
    id: u32,
    motions: Vec<Motion>,
    positions: Vec<(usize, Position)>,
}

impl Layout {
    /// The motions of a schema's columns.
    pub fn new(schema: Arc<Schema>) -> Self {
        let motions = schema.signals.iter().flat_map(|it| std::iter::repeat_n(Motion::of(it), usize::from(it.len)));
        let positions = POSITIONS.iter().filter_map(|(name, position)| Some((schema.find(name)?.0, *position)));
        Self { id: schema.id(), motions: motions.collect(), positions: positions.collect(), schema }
    }

    /// The schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The schema's id, as in datagrams.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.motions.len()
    }

    /// The numbers between two rows, at `part` of the way, `[0, 1)`.
    pub fn between(&self, before: &[f32], after: &[f32], part: f32) -> Vec<f32> {
        let columns = self.motions.iter().zip(before.iter().zip(after));
        columns.map(|(motion, (from, to))| motion.between(*from, *to, part)).collect()
    }

    /// The numbers after a row, with this remaining level, `[0, 1]`.
    pub fn after(&self, row: &[f32], presence: f32) -> Vec<f32> {
        self.motions.iter().zip(row).map(|(motion, from)| motion.after(*from, presence)).collect()
    }

    /// Sets the beat from the timeline.
    pub fn place_beat(&self, view: &mut RowView) {
        for (place, position) in &self.positions {
            if let Some(value) = view.values.get_mut(*place) {
                *value = below(position(&view.timeline, view.time));
            }
        }
    }
}

impl Motion {
    fn of(signal: &Signal) -> Self {
        let [least, most] = signal.range;
        let set = SET.iter().any(|root| signal.name.starts_with(root));
        match signal.unit {
            Unit::Ratio | Unit::Decibel | Unit::Lufs if set => Self::Steady,
            Unit::Ratio => Self::Level { rest: 0f32.max(least).min(most.max(least)) },
            Unit::Decibel | Unit::Lufs => Self::Level { rest: least },
            Unit::Hertz | Unit::Bpm | Unit::Beats | Unit::Seconds | Unit::Milliseconds => Self::Steady,
            Unit::Phase => Self::Cycle,
            Unit::Count | Unit::State | Unit::Unknown => Self::Step,
        }
    }

    fn between(self, from: f32, to: f32, part: f32) -> f32 {
        match self {
            Self::Level { .. } | Self::Steady => from + (to - from) * part,
            Self::Cycle => {
                let way = (to - from + 0.5).rem_euclid(1.0) - 0.5;
                let there = (from + way * part).rem_euclid(1.0);
                // The remainder of a tiny negative number is 1.0 after rounding: the start of the next cycle.
                if there < 1.0 { there } else { 0.0 }
            }
            Self::Step => from,
        }
    }

    fn after(self, from: f32, presence: f32) -> f32 {
        match self {
            Self::Level { rest } => rest + (from - rest) * presence,
            Self::Steady | Self::Cycle | Self::Step => from,
        }
    }
}

/// In single precision, but never rounded up to the next whole number: a phase stays below 1.
fn below(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value && rounded.fract() == 0.0 { rounded.next_down() } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_stays_below_one_in_single_precision() {
        assert!(below(0.999_999_999) < 1.0);
        assert_eq!([0.0, 0.5, 3.0].map(below), [0.0, 0.5, 3.0]);
    }

    #[test]
    fn a_phase_takes_the_shorter_way_round() {
        assert!((Motion::Cycle.between(0.9, 0.1, 0.25) - 0.95).abs() < 1e-6);
        assert!((Motion::Cycle.between(0.9, 0.1, 0.75) - 0.05).abs() < 1e-6);
        assert!((Motion::Cycle.between(0.1, 0.9, 0.25) - 0.05).abs() < 1e-6);
    }

    #[test]
    fn every_unit_has_a_rest_inside_its_range_or_none() {
        let level = |unit, range| match Motion::of(&Signal::scalar("x", unit, range)) {
            Motion::Level { rest } => Some(rest),
            _ => None,
        };
        assert_eq!(level(Unit::Ratio, [0.0, 1.0]), Some(0.0));
        assert_eq!(level(Unit::Ratio, [0.25, 1.0]), Some(0.25));
        assert_eq!(level(Unit::Ratio, [-2.0, -1.0]), Some(-1.0));
        assert_eq!(level(Unit::Lufs, [-70.0, 0.0]), Some(-70.0));
        assert_eq!(level(Unit::Bpm, [60.0, 200.0]), None);
        assert_eq!(level(Unit::Unknown, [0.0, 1.0]), None);
    }
}
