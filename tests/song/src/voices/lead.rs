//! Lead: two saws and a narrow rectangle, with a vocal filter and a late vibrato.

use crate::score::Note;
use crate::synth::{Adsr, Decay, Filter, Pulse, RATE, Saw, Sine, Stereo, exp2, hertz};

/// One note.
pub fn lead(note: &Note) -> Stereo {
    let pitch = hertz(f64::from(note.pitch));
    let mut saws = [Saw::new(pitch * 0.9965, 0.1), Saw::new(pitch * 1.0035, 0.6)];
    let mut reed = Pulse::new(pitch, 0.3);
    let mut vibrato = Sine::default();
    let mut filters = [Filter::new(1000.0, 1.4), Filter::new(1000.0, 1.4)];
    let mut open = Decay::new(0.09);
    let shape = Adsr { attack: 0.004, decay: 0.16, sustain: 0.62, release: 0.09 };
    Stereo::collect(shape.levels(note.held()).enumerate().map(|(at, level)| {
        let open = open.next();
        if at % 16 == 0 {
            let corner = 750.0 * exp2(0.8 * note.velocity + 2.0 * open * note.velocity);
            filters.iter_mut().for_each(|filter| filter.tune(corner));
        }
        let depth = (at as f64 / RATE - 0.25).clamp(0.0, 0.3) * 0.016;
        let bend = 1.0 + depth * vibrato.next(5.6, 0.0);
        let (first, second, middle) = (saws[0].next(bend), saws[1].next(bend), reed.next(bend));
        let left = filters[0].low(0.75 * first + 0.25 * second + 0.4 * middle);
        let right = filters[1].low(0.25 * first + 0.75 * second + 0.4 * middle);
        let level = 0.5 * note.velocity * level;
        (level * left, level * right)
    }))
}
