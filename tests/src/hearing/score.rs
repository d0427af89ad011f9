//! The score of one piece.

use super::calibration::Calibration;
use std::collections::BTreeMap;

/// Figures of one piece, by their names.
#[derive(Clone, Debug, Default)]
pub struct Score {
    figures: BTreeMap<&'static str, f64>,
    /// How late beats were had, in seconds.
    pub beat_late: Vec<f64>,
    /// How late onsets were had, in seconds.
    pub onset_late: Vec<f64>,
    /// How far the tempo was off when it ought to be at rest, in percent.
    pub rest: Vec<f64>,
    /// How often confidences were right.
    pub calibration: Calibration,
}

impl Score {
    /// Sets a figure.
    pub fn set(&mut self, name: &'static str, value: f64) {
        self.figures.insert(name, value);
    }

    /// A figure, where the piece has it.
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.figures.get(name).copied()
    }
}
