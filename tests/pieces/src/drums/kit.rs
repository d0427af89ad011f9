//! All drums of a piece, in their places and in a room.

use super::cymbal::Metal;
use super::kick::Kick;
use super::percussion::{conga, shaker, tom};
use super::snare::{Clap, Snare, rim};
use super::style::Style;
use super::{Drum, Hit};
use crate::chance::Chance;
use downbeat_song::synth::{Filter, Reverb, Stereo, samples, soft_clip};
use std::collections::BTreeMap;

/// Takes of each sound: no two strokes in a row are alike.
const TAKES: usize = 3;

/// A drum kit.
pub struct Kit {
    sounds: BTreeMap<Drum, Vec<Stereo>>,
    levels: BTreeMap<Drum, f64>,
    room: Reverb,
    wet: f64,
    /// Where the record ends, in Hz.
    high_cut: Option<f64>,
    glue: f64,
}

impl Kit {
    /// The drums of a style that some hits need.
    pub fn new(style: Style, chance: &mut Chance, used: impl IntoIterator<Item = Drum>) -> Self {
        let (kick, snare, clap, metal) =
            (Kick::new(style, chance), Snare::new(style, chance), Clap::new(chance), Metal::new(style, chance));
        let (toms, knock, corner) =
            (chance.between(75.0, 110.0), chance.between(380.0, 900.0), chance.between(5000.0, 8000.0));
        let skin = chance.between(170.0, 260.0);
        let seed = chance.seed();
        let sound = |drum, take: u64| match drum {
            Drum::Kick => kick.stroke(seed + take),
            Drum::Snare => snare.stroke(seed + take),
            Drum::Clap => clap.stroke(seed + take),
            Drum::Rim => rim(knock, seed + take),
            Drum::Closed => metal.closed(seed + take),
            Drum::Open => metal.open(seed + take),
            Drum::Ride => metal.ride(seed + take),
            Drum::Crash => metal.crash(seed + take),
            Drum::Tom(number) => tom(toms * [1.9, 1.4, 1.0][usize::from(number.min(2))], seed + take),
            Drum::Shaker => shaker(corner, seed + take),
            Drum::Conga => conga(skin, seed + take),
        };
        let (mut sounds, mut levels) = (BTreeMap::new(), BTreeMap::new());
        for drum in used {
            sounds.entry(drum).or_insert_with(|| (0..TAKES as u64).map(|take| sound(drum, take)).collect());
            // Each mix sets its own balance.
            levels.entry(drum).or_insert_with(|| level(drum) * chance.between(0.75, 1.2));
        }
        let (seconds, wet) = match style {
            Style::Machine | Style::Boom => (chance.between(0.4, 1.2), chance.between(0.1, 0.4)),
            Style::Acoustic => (chance.between(0.5, 1.3), chance.between(0.35, 0.8)),
            Style::Dusty | Style::Break => (chance.between(0.25, 0.5), chance.between(0.1, 0.5)),
        };
        Self {
            sounds,
            levels,
            room: Reverb { seconds, damping: chance.between(4000.0, 7500.0), low_cut: chance.between(200.0, 450.0) },
            wet,
            high_cut: (style == Style::Dusty).then(|| chance.between(5500.0, 9000.0)),
            glue: chance.between(0.8, 1.4),
        }
    }

    /// Plays hits.
    pub fn play(&self, hits: &[Hit], length: usize) -> Stereo {
        let (mut dry, mut room) = (Stereo::silence(length), Stereo::silence(length));
        for (number, hit) in hits.iter().enumerate() {
            let Some(takes) = self.sounds.get(&hit.drum) else { continue };
            let gain = hit.velocity * self.levels.get(&hit.drum).copied().unwrap_or(0.5);
            let (pan, send) = place(hit.drum);
            let take = &takes[number % TAKES];
            let closed = (hit.drum == Drum::Open).then(|| next_hat(&hits[number + 1..], hit.time)).flatten();
            let choked = closed.map(|time| choke(take, samples(time - hit.time)));
            let sound = choked.as_ref().unwrap_or(take);
            dry.lay(sound, samples(hit.time), gain, pan);
            if send > 0.0 {
                room.lay(sound, samples(hit.time), gain * send, pan);
            }
        }
        dry.mix(&self.room.answer(&room), self.wet as f32);
        let mut cuts = self.high_cut.map(|hertz| [Filter::new(hertz, 0.7), Filter::new(hertz, 0.7)]);
        dry.shape(|_, left, right| {
            let (left, right) = (soft_clip(self.glue * left), soft_clip(self.glue * right));
            match &mut cuts {
                Some([one, other]) => (one.low(left), other.low(right)),
                None => (left, right),
            }
        });
        dry
    }
}

/// When the hats are struck again: that ends an open one. What is struck with it does not.
fn next_hat(later: &[Hit], time: f64) -> Option<f64> {
    let hat = later.iter().find(|hit| matches!(hit.drum, Drum::Closed | Drum::Open) && hit.time > time + 0.03);
    hat.map(|hit| hit.time)
}

/// A sound that ends early.
fn choke(sound: &Stereo, length: usize) -> Stereo {
    let length = length.min(sound.len());
    let mut cut = Stereo { left: sound.left[..length].to_vec(), right: sound.right[..length].to_vec() };
    cut.shape(|at, left, right| {
        let close = ((length - at) as f64 / 240.0).min(1.0);
        (close * left, close * right)
    });
    cut
}

fn level(drum: Drum) -> f64 {
    match drum {
        Drum::Kick => 0.9,
        Drum::Snare => 0.62,
        Drum::Clap => 0.6,
        Drum::Rim => 0.55,
        Drum::Closed => 0.5,
        Drum::Open | Drum::Ride => 0.42,
        Drum::Crash => 0.45,
        Drum::Tom(_) => 0.6,
        Drum::Shaker => 0.4,
        Drum::Conga => 0.45,
    }
}

/// Place between the sides and share that the room hears.
fn place(drum: Drum) -> (f64, f64) {
    match drum {
        Drum::Kick => (0.0, 0.04),
        Drum::Snare => (0.05, 0.25),
        Drum::Clap => (-0.05, 0.3),
        Drum::Rim => (0.1, 0.3),
        Drum::Closed => (0.3, 0.05),
        Drum::Open => (0.25, 0.08),
        Drum::Ride => (-0.3, 0.1),
        Drum::Crash => (-0.2, 0.2),
        Drum::Tom(number) => (0.35 * (f64::from(number) - 1.0), 0.2),
        Drum::Shaker => (-0.4, 0.05),
        Drum::Conga => (0.4, 0.15),
    }
}
