//! Speech.

use super::ear::Moment;
use super::ramp;
use crate::{Pulse, Settings};

/// Detects speech by its syllables: the energy of the formants swells three to six times a second without a beat, with
/// pauses between words, and vowels alternate with hiss; and there is no bass. After E. Scheirer, M. Slaney:
/// "Construction and evaluation of a robust multifeature speech/music discriminator", ICASSP 1997.
pub(super) struct Speech {
    /// The envelope of the formants, lightly and heavily smoothed, and its mean.
    quick: f32,
    slow: f32,
    mean: f32,
    /// Mean square of the swelling.
    swell: f32,
    /// The share of pauses.
    pause: f32,
    /// Mean and mean square of the spectrum's centroid, in mel bands.
    tilt: f32,
    tilts: f32,
    /// Mean powers of the bass and of everything.
    bass: f32,
    total: f32,
    ratio: f32,
    quick_speed: f32,
    slow_speed: f32,
    window_speed: f32,
    rise_speed: f32,
}

/// The mel bands of the formants: 300 to 3,500 Hz.
const FORMANTS: std::ops::Range<usize> = 3..22;
/// Swelling between 2.5 and 8 Hz.
const QUICK_SECONDS: f64 = 0.020;
const SLOW_SECONDS: f64 = 0.064;
/// Window of the judgement.
const WINDOW_SECONDS: f64 = 1.5;
/// Time constant of the ratio.
const RATIO_SECONDS: f64 = 0.7;

impl Speech {
    pub fn new(settings: &Settings) -> Self {
        let speed = |seconds: f64| 1.0 - settings.decay(seconds);
        Self {
            quick: 0.0,
            slow: 0.0,
            mean: 0.0,
            swell: 0.0,
            pause: 0.0,
            tilt: 0.0,
            tilts: 0.0,
            bass: 0.0,
            total: 0.0,
            ratio: 0.0,
            quick_speed: speed(QUICK_SECONDS),
            slow_speed: speed(SLOW_SECONDS),
            window_speed: speed(WINDOW_SECONDS),
            rise_speed: speed(RATIO_SECONDS),
        }
    }

    pub fn process(&mut self, moment: &Moment, pulse: &Pulse, flatness: f32, silence: f32) {
        let formants = &moment.mel[FORMANTS];
        let envelope = formants.iter().sum::<f32>() / formants.len() as f32;
        self.quick += (envelope - self.quick) * self.quick_speed;
        self.slow += (envelope - self.slow) * self.slow_speed;
        let window = self.window_speed;
        self.mean += (envelope - self.mean) * window;
        let swell = self.quick - self.slow;
        self.swell += (swell * swell - self.swell) * window;
        self.pause += (f32::from(u8::from(envelope < 0.4 * self.mean)) - self.pause) * window;
        self.bass += (moment.deep - self.bass) * window;
        self.total += (moment.power - self.total) * window;
        if envelope > 0.5 * self.mean {
            let amplitude = moment.mel.iter().sum::<f32>().max(1e-9);
            let weight = moment.mel.iter().enumerate().map(|(band, x)| band as f32 * x).sum::<f32>() / amplitude;
            self.tilt += (weight - self.tilt) * window;
            self.tilts += (weight * weight - self.tilts) * window;
        }
        let swells = self.swell.sqrt() / self.mean.max(1e-7);
        let alternates = (self.tilts - self.tilt * self.tilt).max(0.0).sqrt();
        let bass = self.bass / self.total.max(1e-12);
        let target = ramp(swells, 0.24, 0.36)
            * ramp(self.pause, 0.18, 0.30)
            * ramp(alternates, 1.2, 2.0)
            * (1.0 - ramp(bass, 0.01, 0.05))
            * (1.0 - ramp(flatness, 0.27, 0.36))
            * (1.0 - ramp(pulse.confidence, 0.3, 0.8))
            * (1.0 - silence);
        self.ratio += (target - self.ratio) * self.rise_speed;
    }

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
