//! Instruments that play chords.

use super::plucked::Plucked;
use downbeat_song::synth::{Adsr, Decay, Filter, Noise, Saw, Sine, Stereo, exp2, hertz, samples, soft_clip};

/// Which instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chord {
    /// Slow strings or a pad.
    Pad,
    /// Bright saws, short or held.
    Saws,
    /// An organ with drawbars.
    Organ,
    /// An electric piano by frequency modulation.
    Electric,
    /// A piano.
    Piano,
    /// A clean guitar, strummed.
    Guitar,
    /// A driven guitar: root, fifth and octave.
    Power,
}

impl Chord {
    /// Whether a chord begins with something that can be heard as an onset.
    pub fn strikes(self) -> bool {
        self != Self::Pad
    }

    /// One chord: MIDI pitches, samples that it is held, velocity, and what it has of chance.
    pub fn play(self, pitches: &[f64], held: usize, velocity: f64, seed: u64) -> Stereo {
        match self {
            Self::Power => power(pitches, held, velocity),
            Self::Guitar => strum(pitches, held, velocity, seed),
            _ => {
                let release = 0.6;
                let mut sound = Stereo::silence(held + samples(release));
                for (number, pitch) in pitches.iter().enumerate() {
                    let note = self.note(*pitch, held, velocity, seed + number as u64);
                    sound.lay(&note, 0, 0.5, 0.5 * (number as f64 - 1.0) / pitches.len() as f64);
                }
                sound
            }
        }
    }

    fn note(self, pitch: f64, held: usize, velocity: f64, seed: u64) -> Stereo {
        let note = hertz(pitch);
        let mut start = Noise::new(seed);
        match self {
            Self::Pad | Self::Saws => {
                let shape = if self == Self::Pad {
                    Adsr { attack: 0.25, decay: 1.0, sustain: 0.9, release: 0.5 }
                } else {
                    Adsr { attack: 0.004, decay: 0.12, sustain: 0.6, release: 0.12 }
                };
                let mut saws =
                    [-0.12, -0.04, 0.05, 0.11].map(|detune: f64| Saw::new(note * exp2(detune / 12.0), start.chance()));
                Stereo::collect(shape.levels(held).map(|level| {
                    let saw: [f64; 4] = std::array::from_fn(|index| saws[index].next(1.0));
                    let level = 0.35 * velocity * level;
                    (level * (saw[0] + 0.6 * saw[2] + 0.3 * saw[3]), level * (saw[3] + 0.6 * saw[1] + 0.3 * saw[0]))
                }))
            }
            Self::Organ => {
                let shape = Adsr { attack: 0.006, decay: 1.0, sustain: 0.95, release: 0.03 };
                let mut bars: [Sine; 5] = Default::default();
                let drawn = [(0.5, 0.5), (1.0, 1.0), (1.5, 0.3), (2.0, 0.6), (4.0, 0.25)];
                Stereo::collect(shape.levels(held).map(|level| {
                    let tone: f64 =
                        bars.iter_mut().zip(drawn).map(|(bar, (ratio, gain))| gain * bar.next(note * ratio, 0.0)).sum();
                    let sample = 0.3 * velocity * level * soft_clip(tone);
                    (sample, sample)
                }))
            }
            _ => {
                let piano = self == Self::Piano;
                let shape = Adsr { attack: 0.002, decay: if piano { 0.35 } else { 0.6 }, sustain: 0.02, release: 0.12 };
                let (mut carrier, mut modulator, mut second) = (Sine::default(), Sine::default(), Sine::default());
                let mut index = Decay::new(if piano { 0.12 } else { 0.2 });
                let (ratio, depth) = if piano { (3.0, 0.16) } else { (1.0, 0.22) };
                Stereo::collect(shape.levels(held).map(|level| {
                    let depth = depth * index.next() * velocity;
                    let wobble = depth * modulator.next(ratio * note, 0.0);
                    let tone = carrier.next(note, wobble) + 0.3 * second.next(2.001 * note, 2.0 * wobble);
                    let sample = 0.55 * velocity * level * tone;
                    (sample, sample)
                }))
            }
        }
    }
}

/// A clean guitar: the strings follow each other by some milliseconds.
fn strum(pitches: &[f64], held: usize, velocity: f64, seed: u64) -> Stereo {
    let mut sound = Stereo::silence(held + samples(0.1));
    let shape = Adsr { attack: 0.001, decay: 3.0, sustain: 0.2, release: 0.04 };
    for (number, pitch) in pitches.iter().enumerate() {
        let mut string = Plucked::new(hertz(*pitch), 0.4 + 0.4 * velocity, 0.996, seed + number as u64);
        let note = Stereo::collect(shape.levels(held).map(|level| {
            let sample = 1.2 * velocity * level * string.next();
            (sample, sample)
        }));
        sound.lay(&note, samples(0.004 * number as f64), 0.6, 0.3);
    }
    sound
}

/// A driven guitar twice, left and right, through the cut of a loudspeaker. Short chords are damped with the palm.
fn power(pitches: &[f64], held: usize, velocity: f64) -> Stereo {
    let root = hertz(pitches.first().copied().unwrap_or(52.0) - 12.0);
    let muted = held < samples(0.2);
    let shape = Adsr { attack: 0.002, decay: if muted { 0.05 } else { 1.2 }, sustain: 0.25, release: 0.05 };
    let mut sides = [-1.0, 1.0].map(|side: f64| {
        let saws = [1.0, 1.498, 2.0].map(|ratio| Saw::new(root * ratio * (1.0 + 0.002 * side), 0.3 + 0.2 * side));
        (saws, Filter::new(if muted { 1800.0 } else { 4200.0 }, 0.9), Filter::new(95.0, 0.7))
    });
    Stereo::collect(shape.levels(held).map(|level| {
        let mut side = |index: usize| {
            let (saws, cut, rumble) = &mut sides[index];
            let strings = saws.iter_mut().map(|saw| saw.next(1.0)).sum::<f64>();
            0.5 * velocity * rumble.high(cut.low(soft_clip(2.5 * level * strings)))
        };
        (side(0), side(1))
    }))
}
