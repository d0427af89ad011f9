//! Slow sounds without a pulse: chords that swell and fade at no regular time.

use crate::chance::Chance;
use crate::voices::Chord;
use downbeat_song::synth::{RATE, Reverb, Stereo, samples};

/// So many samples of it.
pub fn drone(length: usize, chance: &mut Chance) -> Stereo {
    let mut sound = Stereo::silence(length);
    let mut time = 0.1;
    while time < length as f64 / RATE {
        let seconds = chance.between(2.5, 7.0);
        let pitches = [36.0, 48.0 + chance.below(8) as f64, 55.0 + chance.below(12) as f64];
        let chord = Chord::Pad.play(&pitches, samples(seconds), chance.between(0.4, 1.0), chance.seed());
        sound.lay(&chord, samples(time), 1.0, chance.between(-0.3, 0.3));
        time += seconds * chance.between(0.4, 0.9);
    }
    let hall = Reverb { seconds: 3.5, damping: 3500.0, low_cut: 120.0 }.answer(&sound);
    sound.mix(&hall, 0.4);
    sound
}
