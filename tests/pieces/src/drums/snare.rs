//! Snares, claps and rims.

use super::style::Style;
use crate::chance::Chance;
use downbeat_song::synth::{Decay, Filter, Noise, Sine, Stereo, samples, soft_clip};

/// What makes one snare drum differ from another.
pub struct Snare {
    /// The skin's lower tone in Hz; the upper one lies 1.7 times as high.
    skin: f64,
    /// Half-lives of the skin and the wires in seconds.
    halves: (f64, f64),
    /// Levels of the skin and the wires.
    levels: (f64, f64),
    /// Corner below which the wires are silent, in Hz.
    wires: f64,
    drive: f64,
}

impl Snare {
    /// A snare drum of a style.
    pub fn new(style: Style, chance: &mut Chance) -> Self {
        let (skin, decay) = match style {
            Style::Machine | Style::Boom => ((180.0, 240.0), (0.03, 0.06)),
            Style::Acoustic => ((165.0, 235.0), (0.05, 0.09)),
            Style::Dusty => ((150.0, 210.0), (0.035, 0.06)),
            Style::Break => ((220.0, 320.0), (0.03, 0.055)),
        };
        Self {
            skin: chance.between(skin.0, skin.1),
            halves: (chance.between(0.02, 0.045), chance.between(decay.0, decay.1)),
            levels: (chance.between(0.4, 0.9), chance.between(0.55, 0.95)),
            wires: chance.between(900.0, 2600.0),
            drive: chance.between(0.9, 1.8),
        }
    }

    /// The sound of one stroke.
    pub fn stroke(&self, seed: u64) -> Stereo {
        let (mut low, mut high) = (Sine::default(), Sine::default());
        let (mut skin, mut wires) = (Decay::new(self.halves.0), Decay::new(self.halves.1));
        let mut bend = Decay::new(0.008);
        let mut sides = [0, 1].map(|side| (Noise::new(2 * seed + side), Filter::new(self.wires, 0.7)));
        let length = samples(8.0 * self.halves.1);
        Stereo::collect((0..length).map(|_| {
            let (skin, bend, wires) = (skin.next(), 1.0 + 0.35 * bend.next(), wires.next());
            let (first, second) = (self.skin * bend, 1.7 * self.skin * bend);
            let tone = self.levels.0 * skin * (0.65 * low.next(first, 0.2) + 0.35 * high.next(second, 0.2));
            let mut side = |index: usize| {
                let (noise, filter) = &mut sides[index];
                soft_clip(self.drive * (tone + self.levels.1 * wires * filter.high(noise.next())))
            };
            (side(0), side(1))
        }))
    }
}

/// A hand clap: some bursts of noise, and what the room makes of them.
pub struct Clap {
    hands: Vec<usize>,
    centre: f64,
    tail: f64,
}

impl Clap {
    /// A clap by chance.
    pub fn new(chance: &mut Chance) -> Self {
        let gap = chance.between(0.007, 0.011);
        let hands = (0..2 + chance.below(3)).map(|hand| samples(hand as f64 * gap)).collect();
        Self { hands, centre: chance.between(950.0, 1800.0), tail: chance.between(0.03, 0.075) }
    }

    /// The sound of one clap.
    pub fn stroke(&self, seed: u64) -> Stereo {
        let mut sides =
            [0, 1].map(|side| (Noise::new(3 * seed + side), Filter::new(self.centre, 1.2), Filter::new(700.0, 0.7)));
        let last = self.hands.last().copied().unwrap_or(0);
        let (mut burst, mut tail) = (Decay::new(0.004), Decay::new(self.tail));
        Stereo::collect((0..samples(6.0 * self.tail + 0.05)).map(|at| {
            if self.hands.contains(&at) {
                burst = Decay::new(0.004);
            }
            let level = if at < last { burst.next() } else { 0.35 * burst.next() + 0.65 * tail.next() };
            let mut side = |index: usize| {
                let (noise, body, cut) = &mut sides[index];
                soft_clip(2.6 * level * cut.high(body.band(noise.next())))
            };
            (side(0), side(1))
        }))
    }
}

/// The stick across the rim: a short wooden knock of `hertz`.
pub fn rim(hertz: f64, seed: u64) -> Stereo {
    let (mut low, mut high) = (Sine::default(), Sine::default());
    let (mut body, mut click) = (Decay::new(0.009), Decay::new(0.0015));
    let mut noise = Noise::new(seed);
    Stereo::collect((0..samples(0.12)).map(|_| {
        let tone = 0.6 * low.next(hertz, 0.15) + 0.4 * high.next(2.7 * hertz, 0.1);
        let sample = soft_clip(1.6 * body.next() * tone + 0.4 * click.next() * noise.next());
        (sample, sample)
    }))
}
