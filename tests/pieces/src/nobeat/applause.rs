//! Applause: many hands, each pair at its own pace.

use crate::chance::Chance;
use downbeat_song::synth::{Decay, Filter, Noise, Stereo, samples};

/// People who clap.
const PEOPLE: usize = 90;
/// Different hands.
const HANDS: usize = 24;

/// Applause that swells and ebbs.
pub fn applause(length: usize, chance: &mut Chance) -> Stereo {
    let hands: Vec<Stereo> = (0..HANDS).map(|_| hand(chance)).collect();
    let mut sound = Stereo::silence(length);
    let whole = length as f64 / 48_000.0;
    for _ in 0..PEOPLE {
        let (pace, pan, level) = (chance.between(0.19, 0.36), chance.between(-0.9, 0.9), chance.between(0.1, 1.0));
        let hand = &hands[chance.below(HANDS)];
        // Some come late, some tire, some start again.
        let mut time = chance.between(0.0, 1.5);
        let tires = chance.between(0.5 * whole, 1.2 * whole);
        while time < whole {
            if time < tires || chance.yes(0.2) {
                sound.lay(hand, samples(time), level * chance.between(0.7, 1.0), pan);
            }
            time += pace * (1.0 + 0.12 * chance.bell());
        }
    }
    sound
}

fn hand(chance: &mut Chance) -> Stereo {
    let (mut noise, mut filter) = (Noise::new(chance.seed()), Filter::new(chance.between(800.0, 2600.0), 1.6));
    let mut level = Decay::new(chance.between(0.003, 0.008));
    Stereo::collect((0..samples(0.05)).map(|_| {
        let sample = level.next() * filter.band(noise.next());
        (sample, sample)
    }))
}
