//! A voice: a saw for the cords, three resonances for the mouth (Klatt 1980, in parallel and much reduced).

use downbeat_song::synth::{Adsr, Filter, RATE, Saw, Sine, Stereo, hertz};

/// Resonances of vowels in Hz: a, e, i, o, u, schwa (Peterson & Barney 1952, men, rounded).
pub const VOWELS: [[f64; 3]; 6] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
    [490.0, 1350.0, 1690.0],
];

/// A mouth that can move.
pub struct Mouth {
    filters: [Filter; 3],
}

impl Mouth {
    /// A mouth that shapes a vowel.
    pub fn new(vowel: [f64; 3]) -> Self {
        Self { filters: vowel.map(|hertz| Filter::new(hertz, 9.0)) }
    }

    /// Moves to resonances.
    pub fn shape(&mut self, vowel: [f64; 3]) {
        for (filter, hertz) in self.filters.iter_mut().zip(vowel) {
            filter.tune(hertz);
        }
    }

    /// What becomes of a sample of the cords.
    pub fn speak(&mut self, cords: f64) -> f64 {
        self.filters.iter_mut().zip([1.0, 0.6, 0.3]).map(|(filter, gain)| gain * filter.band(cords)).sum()
    }
}

/// One sung note.
pub fn sing(pitch: f64, held: usize, velocity: f64, vowel: usize) -> Stereo {
    let mut cords = Saw::new(hertz(pitch - 12.0), 0.0);
    let mut vibrato = Sine::default();
    let mut mouth = Mouth::new(VOWELS[vowel % VOWELS.len()]);
    let shape = Adsr { attack: 0.04, decay: 0.5, sustain: 0.8, release: 0.09 };
    Stereo::collect(shape.levels(held).enumerate().map(|(at, level)| {
        let depth = (at as f64 / RATE - 0.15).clamp(0.0, 0.3) * 0.04;
        let sample = 0.9 * velocity * level * mouth.speak(cords.next(1.0 + depth * vibrato.next(5.4, 0.0)));
        (sample, sample)
    }))
}
