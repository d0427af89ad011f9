//! Applause.

use super::ear::Moment;
use super::ramp;
use crate::flatness::flatness;
use crate::frame::Frame;
use crate::{Pulse, Settings};

/// Detects applause by its properties: short noises so dense that they merge, fairly even in time, noisy in every part
/// of the spectrum from 1 to 8 kHz, without bass, less bright than hiss, and without a beat: the noise that rises
/// towards a drop is otherwise much like it.
pub(super) struct Applause {
    seconds: f32,
    /// The flatness of the spectrum within its octaves, from 0 for tones to about 0.56 for noise.
    flatness: f32,
    /// Mean and mean square of the level above the low end, in decibels.
    level: f32,
    levels: f32,
    /// Mean powers per hertz, from 1 to 4 and from 8 to 14 kHz; of the bass, and of everything.
    middle: f32,
    top: f32,
    bass: f32,
    total: f32,
    ratio: f32,
    window_speed: f32,
    rise_speed: f32,
}

/// Interval of the flatness.
const STEP_SECONDS: f32 = 0.05;
/// The octaves for the flatness, in Hz.
const OCTAVES: [f64; 4] = [1_000.0, 2_000.0, 4_000.0, 8_000.0];
const MIDDLE: (f64, f64) = (1_000.0, 4_000.0);
const TOP: (f64, f64) = (8_000.0, 14_000.0);
const BASS: (f64, f64) = (0.0, 200.0);
/// Window of the judgement.
const WINDOW_SECONDS: f64 = 1.0;
/// Time constant of the ratio.
const RATIO_SECONDS: f64 = 0.7;

impl Applause {
    pub fn new(settings: &Settings) -> Self {
        // Interval measurements move by one step's share.
        let steps = f64::from(STEP_SECONDS);
        Self {
            seconds: 0.0,
            flatness: 0.0,
            level: 0.0,
            levels: 0.0,
            middle: 0.0,
            top: 0.0,
            bass: 0.0,
            total: 0.0,
            ratio: 0.0,
            window_speed: 1.0 - (-steps / WINDOW_SECONDS).exp() as f32,
            rise_speed: 1.0 - settings.decay(RATIO_SECONDS),
        }
    }

    pub fn process(&mut self, moment: &Moment, frame: &Frame, pulse: &Pulse, silence: f32) {
        self.seconds += moment.seconds;
        if self.seconds >= STEP_SECONDS {
            self.seconds %= STEP_SECONDS;
            self.measure(moment, frame);
        }
        let uneven = (self.levels - self.level * self.level).max(0.0).sqrt();
        let bass = self.bass / self.total.max(1e-12);
        let dull = self.middle / self.top.max(1e-15);
        let target = ramp(self.flatness, 0.30, 0.36)
            * (1.0 - ramp(uneven, 3.0, 6.0))
            * (1.0 - ramp(bass, 0.01, 0.03))
            * ramp(dull, 2.0, 6.0)
            * (1.0 - ramp(pulse.confidence, 0.3, 0.6))
            * (1.0 - silence);
        self.ratio += (target - self.ratio) * self.rise_speed;
    }

    fn measure(&mut self, moment: &Moment, frame: &Frame) {
        let bin = |hertz: f64| ((hertz / frame.bin_hertz()).round() as usize).min(frame.power().len());
        let part = |from: f64, to: f64| &frame.power()[bin(from)..bin(to)];
        let density = |(from, to): (f64, f64)| part(from, to).iter().sum::<f32>() / part(from, to).len().max(1) as f32;
        let octaves = OCTAVES.windows(2).map(|edges| part(edges[0], edges[1])).filter(|part| !part.is_empty());
        let (flatness, octaves) = octaves.fold((0.0, 0.0), |(sum, n), part| (sum + flatness(part), n + 1.0));
        let step = |mean: &mut f32, now: f32, speed: f32| *mean += (now - *mean) * speed;
        let speed = self.window_speed;
        step(&mut self.flatness, flatness / f32::max(octaves, 1.0), speed);
        let level = 20.0 * moment.full.max(1e-6).log10();
        step(&mut self.level, level, speed);
        step(&mut self.levels, level * level, speed);
        step(&mut self.middle, density(MIDDLE), speed);
        step(&mut self.top, density(TOP), speed);
        step(&mut self.bass, part(BASS.0, BASS.1).iter().sum(), speed);
        step(&mut self.total, moment.power, speed);
    }

    /// The noisiness within octaves: 0 for tones, 0.56 for noise.
    pub fn flatness(&self) -> f32 {
        self.flatness
    }

    pub fn ratio(&self) -> f32 {
        self.ratio
    }
}
