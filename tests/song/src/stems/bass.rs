//! The bass stem.

use super::Pump;
use crate::LENGTH;
use crate::score::{Score, bar_at};
use crate::synth::{Automation, Stereo};
use crate::voices;

/// How far the filter is open, in octaves.
const BRIGHTNESS: Automation = Automation(&[
    (4.0, -0.4),
    (8.0, 0.4),
    (11.0, 1.6),
    (12.0, 0.7),
    (20.0, 1.2),
    (24.0, 1.4),
    (28.0, -0.8),
    (31.0, -0.2),
    (32.0, 0.9),
    (46.0, 1.5),
]);

/// The bass line, which makes room for every kick.
pub fn bass(score: &Score, pump: &Pump) -> Stereo {
    let mut stem = Stereo::silence(LENGTH);
    for note in &score.bass {
        stem.lay(&voices::bass(note, BRIGHTNESS.at(bar_at(note.start))), note.start, 1.0, 0.0);
    }
    stem.shape(|at, left, right| {
        let gain = pump.gain(at, 0.85);
        (gain * left, gain * right)
    });
    stem
}
