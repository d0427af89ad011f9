//! Bass: a saw and a deep sine through a filter that opens at each note.

use crate::score::Note;
use crate::synth::{Adsr, Decay, Filter, Saw, Sine, Stereo, exp2, hertz, soft_clip};

/// One note; `brightness` in octaves moves the filter.
pub fn bass(note: &Note, brightness: f64) -> Stereo {
    let pitch = hertz(f64::from(note.pitch));
    let (mut saw, mut second, mut sub) = (Saw::new(pitch, 0.0), Saw::new(2.0 * pitch * 1.003, 0.3), Sine::default());
    let mut filter = Filter::new(200.0, 1.6);
    let mut open = Decay::new(0.06);
    let shape = Adsr { attack: 0.003, decay: 0.12, sustain: 0.7, release: 0.03 };
    Stereo::collect(shape.levels(note.held()).enumerate().map(|(at, level)| {
        let open = open.next();
        if at % 16 == 0 {
            filter.tune(160.0 * exp2(brightness + 2.6 * open * note.velocity));
        }
        let reed = filter.low(0.7 * saw.next(1.0) + 0.35 * second.next(1.0));
        let sample = note.velocity * level * soft_clip(1.1 * reed + 0.8 * sub.next(pitch, 0.0));
        (sample, sample)
    }))
}
