//! Bass drum: a sine that falls from a click to its note.

use crate::synth::{Decay, Filter, Noise, Sine, Stereo, samples, soft_clip};

/// The kick, a third of a second long.
pub fn kick() -> Stereo {
    let mut tone = Sine::default();
    let (mut fall, mut drop) = (Decay::new(0.011), Decay::new(0.045));
    let (mut body, mut click) = (Decay::new(0.085), Decay::new(0.0025));
    let (mut noise, mut bright) = (Noise::new(10), Filter::new(2500.0, 0.7));
    let length = samples(0.36);
    Stereo::collect((0..length).map(|at| {
        let hertz = 47.0 + 330.0 * fall.next() + 60.0 * drop.next();
        let sine = tone.next(hertz, 0.07) * body.next();
        let tick = bright.high(noise.next()) * click.next();
        let close = ((length - at) as f64 / samples(0.05) as f64).min(1.0);
        let sample = soft_clip(2.2 * sine + 0.5 * tick) * close;
        (sample, sample)
    }))
}
