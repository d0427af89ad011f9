//! Speech: syllables in the rhythm of speech, of gliding vowels and noisy consonants, with pauses.
//!
//! None of it is a word; it only needs to move like speech: three to six uneven syllables a second, phrases of one to
//! three seconds that fall in pitch, breath between them.

use crate::chance::Chance;
use crate::voices::{Mouth, VOWELS};
use downbeat_song::synth::{Filter, Noise, RATE, Saw, Stereo, samples};

/// How long one sound melts into another, in seconds.
const MELT: f64 = 0.04;

/// So many samples of a talking voice.
pub fn speech(length: usize, chance: &mut Chance) -> Stereo {
    let mut sound = Stereo::silence(length);
    let pitch = chance.between(95.0, 210.0);
    let pace = chance.between(0.16, 0.24);
    let mut time = chance.between(0.2, 0.8);
    while samples(time) < length {
        let phrase = 4 + chance.below(11);
        for syllable in 0..phrase {
            let way = syllable as f64 / phrase as f64;
            let stress = if chance.yes(0.35) { 1.0 } else { 0.6 };
            let said = pitch * (1.12 - 0.3 * way + 0.12 * stress * chance.between(0.0, 1.0));
            let consonant = consonant(&mut sound, time, chance);
            // Where nothing stops the breath, one vowel melts into the next.
            time += if consonant > 0.0 { consonant } else { -MELT };
            let long = pace * stress * chance.between(0.45, 1.6) + MELT;
            vowel(&mut sound, time, long, said, stress * (1.0 - 0.4 * way), chance);
            time += long - chance.between(0.0, MELT);
        }
        time += if chance.yes(0.3) { chance.between(0.6, 1.4) } else { chance.between(0.2, 0.6) };
    }
    sound
}

/// A vowel that glides from one mouth to another.
fn vowel(sound: &mut Stereo, time: f64, seconds: f64, pitch: f64, level: f64, chance: &mut Chance) {
    let (from, to) = (chance.one_of(&VOWELS), chance.one_of(&VOWELS));
    let (mut cords, mut mouth) = (Saw::new(pitch, 0.0), Mouth::new(from));
    let mut breath = Noise::new(chance.seed());
    let length = samples(seconds);
    let fade = samples(MELT) as f64;
    for at in 0..length {
        let way = at as f64 / length as f64;
        if at % 32 == 0 {
            mouth.shape(std::array::from_fn(|index| from[index] + (to[index] - from[index]) * way));
        }
        let edge = (at as f64 / fade).min((length - at) as f64 / fade).min(1.0);
        let jitter = 1.0 - 0.08 * way + 0.004 * breath.next();
        let sample = level * edge * mouth.speak(cords.next(jitter) + 0.05 * breath.next());
        sound.add(samples(time.max(0.0)) + at, sample, sample);
    }
}

/// A consonant, if any; returns its length.
fn consonant(sound: &mut Stereo, time: f64, chance: &mut Chance) -> f64 {
    let (seconds, corner, q, level) = match chance.below(5) {
        // s, sh
        0 => (chance.between(0.06, 0.12), chance.between(4500.0, 7500.0), 2.0, 0.35),
        1 => (chance.between(0.05, 0.1), chance.between(2000.0, 3500.0), 2.0, 0.3),
        // t, k, p: a stop and a burst
        2 | 3 => (chance.between(0.012, 0.025), chance.between(1200.0, 4500.0), 1.0, 0.5),
        _ => return 0.0,
    };
    let stop = if seconds < 0.03 { chance.between(0.03, 0.06) } else { 0.0 };
    let (mut noise, mut filter) = (Noise::new(chance.seed()), Filter::new(corner, q));
    let length = (seconds * RATE) as usize;
    for at in 0..length {
        let way = at as f64 / length as f64;
        let shape = if stop > 0.0 { 1.0 - way } else { (4.0 * way).min(1.0).min(4.0 * (1.0 - way)) };
        let sample = level * shape * filter.band(noise.next());
        sound.add(samples(time + stop) + at, sample, sample);
    }
    stop + seconds
}
