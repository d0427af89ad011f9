//! Tom-tom: a falling sine with a breath of noise.

use crate::synth::{Decay, Filter, Noise, Sine, Stereo, exp2, samples, soft_clip};

/// A tom, tuned by semitones.
pub fn tom(pitch: i8) -> Stereo {
    let hertz = 120.0 * exp2(f64::from(pitch) / 12.0);
    let mut tone = Sine::default();
    let (mut bend, mut body, mut stick) = (Decay::new(0.03), Decay::new(0.07), Decay::new(0.006));
    let (mut noise, mut filter) = (Noise::new(110), Filter::new(2200.0, 0.8));
    let length = samples(0.4);
    Stereo::collect((0..length).map(|at| {
        let sine = body.next() * tone.next(hertz * (1.0 + 0.9 * bend.next()), 0.05);
        let close = ((length - at) as f64 / samples(0.1) as f64).min(1.0);
        let sample = close * soft_clip(1.4 * sine + 0.5 * stick.next() * filter.band(noise.next()));
        (sample, sample)
    }))
}
