//! Noise.

use crate::chance::Chance;
use downbeat_song::synth::{Noise, Stereo};

/// Pink noise: white noise through a falling filter of three poles (Kellet's "economy" method, 1999).
pub fn pink(length: usize, chance: &mut Chance) -> Stereo {
    let mut sides = [(); 2].map(|()| (Noise::new(chance.seed()), [0.0f64; 3]));
    Stereo::collect((0..length).map(|_| {
        let mut side = |index: usize| {
            let (noise, poles) = &mut sides[index];
            let white = noise.next();
            for (pole, (keep, take)) in poles.iter_mut().zip([(0.997_65, 0.099), (0.963, 0.296_5), (0.57, 1.052_7)]) {
                *pole = keep * *pole + take * white;
            }
            poles.iter().sum::<f64>() + 0.184_8 * white
        };
        (side(0), side(1))
    }))
}
