//! Chord voice: five saws slightly out of tune, spread between the sides.

use crate::score::Note;
use crate::synth::{Adsr, Noise, Saw, Stereo, exp2, hertz};

/// Detuning in semitones and place, from −1 (left) to 1 (right).
const SAWS: [(f64, f64); 5] = [(-0.13, -0.9), (-0.06, 0.5), (0.0, 0.0), (0.07, -0.5), (0.12, 0.9)];

/// One note under an envelope; `seed` starts the saws apart from each other.
pub fn supersaw(note: &Note, shape: Adsr, seed: u64) -> Stereo {
    let mut start = Noise::new(seed);
    let pitch = f64::from(note.pitch);
    let mut saws = SAWS.map(|(detune, _)| Saw::new(hertz(pitch) * exp2(detune / 12.0), start.chance()));
    Stereo::collect(shape.levels(note.held()).map(|level| {
        let (mut left, mut right) = (0.0, 0.0);
        for (saw, (_, place)) in saws.iter_mut().zip(SAWS) {
            let sample = saw.next(1.0);
            left += sample * (1.0 - place) * 0.5;
            right += sample * (1.0 + place) * 0.5;
        }
        (0.4 * note.velocity * level * left, 0.4 * note.velocity * level * right)
    }))
}
