//! A crowd before the show: many talk at once, someone whistles, someone shouts.

use super::speech::speech;
use crate::chance::Chance;
use downbeat_song::synth::{Filter, RATE, Reverb, Saw, Sine, Stereo, samples, sine};

/// Voices near enough to be voices.
const VOICES: usize = 14;

/// So many samples of a crowd in a hall.
pub fn crowd(length: usize, chance: &mut Chance) -> Stereo {
    let mut sound = Stereo::silence(length);
    for _ in 0..VOICES {
        let voice = speech(length, chance);
        sound.lay(&voice, 0, chance.between(0.2, 0.8), chance.between(-0.9, 0.9));
    }
    let mut distance = [Filter::new(2200.0, 0.7), Filter::new(2200.0, 0.7)];
    sound.shape(|_, left, right| (distance[0].low(left), distance[1].low(right)));
    for _ in 0..length / samples(4.0) {
        let time = chance.between(0.0, length as f64 / RATE);
        let call = if chance.yes(0.5) { whistle(chance) } else { shout(chance) };
        sound.lay(&call, samples(time), chance.between(0.2, 0.7), chance.between(-0.8, 0.8));
    }
    let hall = Reverb { seconds: 1.8, damping: 4000.0, low_cut: 150.0 }.answer(&sound);
    sound.mix(&hall, 0.5);
    sound
}

fn whistle(chance: &mut Chance) -> Stereo {
    let (mut tone, hertz) = (Sine::default(), chance.between(1500.0, 2600.0));
    let length = samples(chance.between(0.3, 0.9));
    Stereo::collect((0..length).map(|at| {
        let way = at as f64 / length as f64;
        let sample = 0.4 * sine(0.5 * way) * tone.next(hertz * (1.0 + 0.25 * sine(0.5 * way)), 0.0);
        (sample, sample)
    }))
}

fn shout(chance: &mut Chance) -> Stereo {
    let (mut cords, mut mouth) = (Saw::new(chance.between(220.0, 420.0), 0.0), Filter::new(1100.0, 3.0));
    let length = samples(chance.between(0.4, 1.0));
    Stereo::collect((0..length).map(|at| {
        let way = at as f64 / length as f64;
        let sample = 0.8 * sine(0.5 * way) * mouth.band(cords.next(1.0 + 0.4 * sine(0.5 * way)));
        (sample, sample)
    }))
}
