//! Pluck: a bell-like tone by frequency modulation (Chowning 1973).

use crate::score::Note;
use crate::synth::{Adsr, Decay, Sine, Stereo, hertz, sine};

/// One note.
pub fn pluck(note: &Note) -> Stereo {
    let pitch = hertz(f64::from(note.pitch));
    let (mut carrier, mut modulator, mut bell) = (Sine::default(), Sine::default(), Sine::default());
    let mut index = Decay::new(0.05);
    let shape = Adsr { attack: 0.001, decay: 0.07, sustain: 0.12, release: 0.18 };
    Stereo::collect(shape.levels(note.held()).map(|level| {
        let depth = 0.35 * index.next() * note.velocity;
        let wobble = depth * modulator.next(2.0 * pitch, 0.0);
        let tone = carrier.next(pitch, wobble) + 0.2 * depth * bell.next(7.0 * pitch, sine(wobble));
        let sample = 0.5 * note.velocity * level * tone;
        (sample, sample)
    }))
}
