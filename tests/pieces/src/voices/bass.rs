//! Basses.

use super::plucked::Plucked;
use downbeat_song::synth::{Adsr, Decay, Filter, Pulse, Saw, Sine, Stereo, exp2, hertz, soft_clip};

/// Which bass.
#[derive(Clone, Copy, Debug)]
pub enum Bass {
    /// A saw through a filter that opens at each note.
    Saw,
    /// A deep sine, driven.
    Sub,
    /// A square, as of old games.
    Square,
    /// Two saws that beat against each other.
    Reese,
    /// A bass guitar played with the fingers.
    Finger,
}

impl Bass {
    /// One note: MIDI pitch, samples that it is held, velocity, and what it has of chance.
    pub fn note(self, pitch: f64, held: usize, velocity: f64, seed: u64) -> Stereo {
        let note = hertz(pitch);
        let shape = Adsr { attack: 0.003, decay: 0.15, sustain: 0.7, release: 0.03 };
        let mono = |sample: f64| (sample, sample);
        let (mut sub, mut open) = (Sine::default(), Decay::new(0.07));
        match self {
            Self::Saw | Self::Square => {
                let (mut saw, mut pulse) = (Saw::new(note, 0.0), Pulse::new(note, 0.5));
                let mut filter = Filter::new(200.0, 1.5);
                Stereo::collect(shape.levels(held).enumerate().map(|(at, level)| {
                    let open = open.next();
                    if at % 16 == 0 {
                        filter.tune(220.0 * exp2(2.8 * open * velocity + velocity));
                    }
                    let reed = if matches!(self, Self::Saw) { saw.next(1.0) } else { 0.7 * pulse.next(1.0) };
                    mono(velocity * level * soft_clip(1.1 * filter.low(reed) + 0.7 * sub.next(note, 0.0)))
                }))
            }
            Self::Sub => {
                let shape = Adsr { attack: 0.004, decay: 0.5, sustain: 0.55, release: 0.05 };
                let levels = shape.levels(held);
                Stereo::collect(levels.map(|level| mono(velocity * level * soft_clip(1.7 * sub.next(note, 0.0)))))
            }
            Self::Reese => {
                let mut saws = [Saw::new(2.0 * note * 0.993, 0.2), Saw::new(2.0 * note * 1.007, 0.7)];
                let mut filter = Filter::new(520.0, 1.1);
                Stereo::collect(shape.levels(held).map(|level| {
                    let reed = filter.low(saws.iter_mut().map(|saw| saw.next(1.0)).sum::<f64>());
                    mono(velocity * level * soft_clip(0.8 * reed + 0.8 * sub.next(note, 0.0)))
                }))
            }
            Self::Finger => {
                let mut string = Plucked::new(note, 0.25 + 0.2 * velocity, 0.9985, seed);
                let shape = Adsr { attack: 0.002, decay: 2.0, sustain: 0.3, release: 0.05 };
                Stereo::collect(shape.levels(held).map(|level| mono(velocity * level * soft_clip(2.6 * string.next()))))
            }
        }
    }
}
