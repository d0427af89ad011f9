//! Hats, rides and crashes: noise and the clang of inharmonic rectangles.

use super::style::Style;
use crate::chance::Chance;
use downbeat_song::synth::{Decay, Filter, Noise, Pulse, Stereo, samples};

/// Frequencies of the clang in Hz (Roland TR-808 service notes).
const CLANG: [f64; 6] = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];

/// What makes one pair of hats differ from another; the other cymbals are of the same metal.
pub struct Metal {
    /// The clang's pitch over the table's.
    tune: f64,
    /// Share of the clang; the rest is noise.
    clang: f64,
    /// Corner below which hats are silent, in Hz.
    cut: f64,
    /// Half-lives of closed and open hats in seconds.
    halves: (f64, f64),
}

impl Metal {
    /// Cymbals of a style.
    pub fn new(style: Style, chance: &mut Chance) -> Self {
        let real = matches!(style, Style::Acoustic | Style::Dusty | Style::Break);
        Self {
            tune: chance.between(3.2, 5.2),
            clang: if real { chance.between(0.1, 0.35) } else { chance.between(0.35, 0.8) },
            cut: if real { chance.between(4500.0, 7000.0) } else { chance.between(6500.0, 9000.0) },
            halves: (chance.between(0.009, 0.022), chance.between(0.05, 0.13)),
        }
    }

    /// A closed hat.
    pub fn closed(&self, seed: u64) -> Stereo {
        self.ring(seed, self.halves.0, self.cut)
    }

    /// An open hat.
    pub fn open(&self, seed: u64) -> Stereo {
        self.ring(seed, self.halves.1, 0.92 * self.cut)
    }

    /// A ride: a ping over a wash.
    pub fn ride(&self, seed: u64) -> Stereo {
        let mut sound = self.ring(seed, 0.14, 5200.0);
        let ping = self.ring(seed + 1, 0.012, 3000.0);
        sound.shape(|_, left, right| (0.4 * left, 0.4 * right));
        sound.lay(&ping, 0, 0.8, 0.0);
        sound
    }

    /// A crash.
    pub fn crash(&self, seed: u64) -> Stereo {
        self.ring(seed, 0.36, 0.5 * self.cut)
    }

    fn ring(&self, seed: u64, half_life: f64, cut: f64) -> Stereo {
        let length = samples(7.0 * half_life);
        let mut sound = Stereo::silence(length);
        for (side, out) in [&mut sound.left, &mut sound.right].into_iter().enumerate() {
            let mut noise = Noise::new(2 * seed + side as u64);
            let mut pulses = CLANG.map(|hertz| Pulse::new(hertz * (self.tune + 0.05 * side as f64), 0.5));
            let mut cuts = [Filter::new(cut, 0.7), Filter::new(cut, 0.9)];
            let mut level = Decay::new(half_life);
            for (at, sample) in out.iter_mut().enumerate() {
                let ring = pulses.iter_mut().map(|pulse| pulse.next(1.0)).sum::<f64>() / 4.0;
                let source = (1.0 - self.clang) * noise.next() + self.clang * ring;
                let close = ((length - at) as f64 / (0.25 * length as f64)).min(1.0);
                let bright = cuts[0].high(source);
                *sample = (cuts[1].high(bright) * level.next() * close) as f32;
            }
        }
        sound
    }
}
