//! Hits of the drums.

use super::matching::f_measure;
use super::music::Drums;
use super::said::{Kind, Said};
use super::score::Score;

/// How far a hit may be off when it is said, in seconds.
const WINDOW: f64 = 0.05;

/// F of each kind of hit that the piece has.
pub fn score_drums(score: &mut Score, drums: &Drums, said: &Said) {
    let kinds =
        [(Kind::Kick, "kick-f", &drums.kick), (Kind::Snare, "snare-f", &drums.snare), (Kind::Hat, "hat-f", &drums.hat)];
    for (kind, name, truth) in kinds.into_iter().filter(|(_, _, truth)| !truth.is_empty()) {
        score.set(name, f_measure(truth, &said.had(kind), WINDOW));
    }
}
