//! Instruments that play melodies.

use super::plucked::Plucked;
use super::singer::sing;
use downbeat_song::synth::{Adsr, Decay, Filter, Noise, Pulse, Saw, Sine, Stereo, exp2, hertz};

/// Which instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Two saws with a filter that speaks.
    Saw,
    /// A bell by frequency modulation (Chowning 1973).
    Bell,
    /// A narrow rectangle.
    Reed,
    /// A flute: a sine and breath.
    Flute,
    /// A voice.
    Singer,
    /// A plucked string.
    Pluck,
}

impl Lead {
    /// Whether its notes begin with something that can be heard as an onset.
    pub fn strikes(self) -> bool {
        !matches!(self, Self::Flute | Self::Singer)
    }

    /// One note: MIDI pitch, samples that it is held, velocity, and what it has of chance.
    pub fn note(self, pitch: f64, held: usize, velocity: f64, seed: u64) -> Stereo {
        let note = hertz(pitch);
        let mono = |sample: f64| (sample, sample);
        let shape = Adsr { attack: 0.004, decay: 0.16, sustain: 0.62, release: 0.09 };
        match self {
            Self::Singer => sing(pitch, held, velocity, seed as usize),
            Self::Saw | Self::Reed => {
                let mut saws = [Saw::new(note * 0.9965, 0.1), Saw::new(note * 1.0035, 0.6)];
                let (mut reed, mut filter, mut open) =
                    (Pulse::new(note, 0.22), Filter::new(1000.0, 1.3), Decay::new(0.09));
                Stereo::collect(shape.levels(held).enumerate().map(|(at, level)| {
                    let open = open.next();
                    if at % 16 == 0 {
                        filter.tune(900.0 * exp2(0.8 * velocity + 2.0 * open * velocity));
                    }
                    let tone = match self {
                        Self::Saw => saws.iter_mut().map(|saw| saw.next(1.0)).sum::<f64>(),
                        _ => reed.next(1.0),
                    };
                    mono(0.45 * velocity * level * filter.low(tone))
                }))
            }
            Self::Bell => {
                let (mut carrier, mut modulator) = (Sine::default(), Sine::default());
                let mut index = Decay::new(0.08);
                let shape = Adsr { attack: 0.001, decay: 0.15, sustain: 0.08, release: 0.2 };
                Stereo::collect(shape.levels(held).map(|level| {
                    let wobble = 0.3 * index.next() * velocity * modulator.next(3.5 * note, 0.0);
                    mono(0.6 * velocity * level * carrier.next(note, wobble))
                }))
            }
            Self::Flute => {
                let (mut tone, mut second) = (Sine::default(), Sine::default());
                let (mut breath, mut air) = (Noise::new(seed), Filter::new(2.0 * note, 2.0));
                let shape = Adsr { attack: 0.05, decay: 0.3, sustain: 0.85, release: 0.08 };
                Stereo::collect(shape.levels(held).map(|level| {
                    let sound = tone.next(note, 0.0) + 0.2 * second.next(2.0 * note, 0.0);
                    mono(0.5 * velocity * level * (sound + 0.15 * air.band(breath.next())))
                }))
            }
            Self::Pluck => {
                let mut string = Plucked::new(note, 0.7, 0.995, seed);
                let shape = Adsr { attack: 0.001, decay: 2.0, sustain: 0.3, release: 0.1 };
                Stereo::collect(shape.levels(held).map(|level| mono(1.1 * velocity * level * string.next())))
            }
        }
    }
}
