//! Hats and crash: noise with the clang of six inharmonic rectangles, as in the drum machines of the eighties.

use crate::synth::{Decay, Filter, Noise, Pulse, Stereo, samples};

/// Frequencies of the clang in Hz (Roland TR-808 service notes).
const CLANG: [f64; 6] = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];

/// Closed hi-hat; `variation` changes the noise.
pub fn closed_hat(variation: u64) -> Stereo {
    metal(60 + variation, 0.09, 0.013, 7600.0, 0.55)
}

/// Open hi-hat.
pub fn open_hat() -> Stereo {
    metal(80, 0.30, 0.065, 6800.0, 0.6)
}

/// Crash cymbal.
pub fn crash() -> Stereo {
    metal(90, 2.6, 0.38, 3600.0, 0.35)
}

fn metal(seed: u64, seconds: f64, half_life: f64, low_cut: f64, clang: f64) -> Stereo {
    let length = samples(seconds);
    let mut sound = Stereo::silence(length);
    for (side, out) in [&mut sound.left, &mut sound.right].into_iter().enumerate() {
        let mut noise = Noise::new(2 * seed + side as u64);
        // The right side rings a little higher: width without a delay.
        let tune = 4.0 + 0.05 * side as f64;
        let mut pulses = CLANG.map(|hertz| Pulse::new(hertz * tune, 0.5));
        let mut cuts = [Filter::new(low_cut, 0.7), Filter::new(low_cut, 0.9)];
        let mut level = Decay::new(half_life);
        for (at, sample) in out.iter_mut().enumerate() {
            let ring = pulses.iter_mut().map(|pulse| pulse.next(1.0)).sum::<f64>() / 4.0;
            let source = (1.0 - clang) * noise.next() + clang * ring;
            let close = ((length - at) as f64 / (0.25 * length as f64)).min(1.0);
            let bright = cuts[0].high(source);
            *sample = (cuts[1].high(bright) * level.next() * close) as f32;
        }
    }
    sound
}
