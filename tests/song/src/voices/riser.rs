//! Riser: noise that climbs towards a drop.

use crate::synth::{Filter, Noise, Stereo, exp2};

/// A riser of some samples; it ends at its loudest.
pub fn riser(length: usize) -> Stereo {
    let mut sound = Stereo::silence(length);
    for (side, out) in [&mut sound.left, &mut sound.right].into_iter().enumerate() {
        let mut noise = Noise::new(120 + side as u64);
        let mut filter = Filter::new(300.0, 2.5);
        for (at, sample) in out.iter_mut().enumerate() {
            let way = at as f64 / length as f64;
            if at % 16 == 0 {
                filter.tune(260.0 * exp2(5.2 * way));
            }
            let fade = ((length - at) as f64 / 480.0).min(1.0);
            *sample = (way * way * fade * filter.band(noise.next())) as f32;
        }
    }
    sound
}
