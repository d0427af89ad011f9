//! Toms, hand drums, shakers.

use downbeat_song::synth::{Decay, Filter, Noise, Sine, Stereo, samples, soft_clip};

/// A tom-tom of a pitch in Hz.
pub fn tom(hertz: f64, seed: u64) -> Stereo {
    skin(hertz, 0.075, 0.5, seed)
}

/// A hand drum of a pitch in Hz.
pub fn conga(hertz: f64, seed: u64) -> Stereo {
    skin(hertz, 0.04, 0.25, seed)
}

fn skin(hertz: f64, half_life: f64, slap: f64, seed: u64) -> Stereo {
    let mut tone = Sine::default();
    let (mut bend, mut body, mut stick) = (Decay::new(0.02), Decay::new(half_life), Decay::new(0.005));
    let (mut noise, mut filter) = (Noise::new(seed), Filter::new(2200.0, 0.8));
    Stereo::collect((0..samples(7.0 * half_life)).map(|_| {
        let sine = body.next() * tone.next(hertz * (1.0 + 0.5 * bend.next()), 0.05);
        let sample = soft_clip(1.3 * sine + slap * stick.next() * filter.band(noise.next()));
        (sample, sample)
    }))
}

/// A shaker: noise that swells for some milliseconds before it falls.
pub fn shaker(corner: f64, seed: u64) -> Stereo {
    let (mut noise, mut filter) = (Noise::new(seed), Filter::new(corner, 1.0));
    let mut fall = Decay::new(0.018);
    let swell = samples(0.006) as f64;
    Stereo::collect((0..samples(0.13)).map(|at| {
        let level = (at as f64 / swell).min(1.0) * if at as f64 > swell { fall.next() } else { 1.0 };
        let sample = 0.5 * level * filter.high(noise.next());
        (sample, sample)
    }))
}
