//! Bass drums: a sine that falls to its note, the beater's click, and drive.

use super::style::Style;
use crate::chance::Chance;
use downbeat_song::synth::{Decay, Filter, Noise, Sine, Stereo, samples, soft_clip};

/// What makes one bass drum differ from another.
pub struct Kick {
    /// The note that it falls to, in Hz.
    note: f64,
    /// How far above it it begins, in Hz, and the half-life of the fall in seconds.
    sweep: (f64, f64),
    /// Half-life of the body in seconds.
    body: f64,
    /// Level of the click and its corner in Hz.
    click: (f64, f64),
    drive: f64,
}

impl Kick {
    /// A bass drum of a style.
    pub fn new(style: Style, chance: &mut Chance) -> Self {
        match style {
            Style::Machine => Self {
                note: chance.between(44.0, 56.0),
                sweep: (chance.between(180.0, 420.0), chance.between(0.008, 0.016)),
                body: chance.between(0.06, 0.1),
                click: (chance.between(0.2, 0.8), chance.between(1800.0, 4000.0)),
                drive: chance.between(1.6, 3.2),
            },
            Style::Boom => Self {
                note: chance.between(38.0, 48.0),
                sweep: (chance.between(50.0, 140.0), chance.between(0.01, 0.02)),
                body: chance.between(0.16, 0.28),
                click: (chance.between(0.1, 0.35), chance.between(1500.0, 3000.0)),
                drive: chance.between(1.2, 2.4),
            },
            Style::Acoustic | Style::Dusty | Style::Break => Self {
                note: chance.between(52.0, 74.0),
                sweep: (chance.between(50.0, 130.0), chance.between(0.006, 0.012)),
                body: chance.between(0.04, 0.075),
                click: (chance.between(0.4, 1.0), chance.between(1500.0, 4500.0)),
                drive: chance.between(1.0, 1.8),
            },
        }
    }

    /// The sound of one stroke.
    pub fn stroke(&self, seed: u64) -> Stereo {
        let mut tone = Sine::default();
        let (mut fall, mut body, mut click) = (Decay::new(self.sweep.1), Decay::new(self.body), Decay::new(0.0022));
        let (mut noise, mut bright) = (Noise::new(seed), Filter::new(self.click.1, 0.8));
        let length = samples(0.06 + 5.0 * self.body);
        Stereo::collect((0..length).map(|at| {
            let sine = tone.next(self.note + self.sweep.0 * fall.next(), 0.06) * body.next();
            let tick = self.click.0 * bright.high(noise.next()) * click.next();
            let close = ((length - at) as f64 / 2000.0).min(1.0);
            let sample = close * soft_clip(self.drive * sine + tick);
            (sample, sample)
        }))
    }
}
