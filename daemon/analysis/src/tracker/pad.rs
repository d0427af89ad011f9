//! Detects held sounds, which carry a breakdown.

use crate::Settings;
use crate::flatness::flatness;
use crate::frame::Frame;
use crate::leveller::decibels;

/// Recognises pads, organs and held chords by their tones, which stand out of the spectrum, and by a steady level: a
/// voice has tones too, but swells and pauses; a crowd keeps its level, but has no tones.
#[derive(Clone, Debug)]
pub(super) struct Pad {
    /// Hops since the last analysis, and between two.
    hops: u32,
    every: u32,
    flatness: f32,
    /// Mean and mean square of the level in decibels.
    level: f32,
    levels: f32,
    /// Mean power of the tones, and of everything.
    tones: f32,
    total: f32,
    speed: f32,
}

/// Interval of the analysis.
const STEP_SECONDS: f64 = 0.05;
/// Window of the judgement.
const WINDOW_SECONDS: f64 = 1.0;
/// The range of tones, in Hz: above hum.
const TONES: (f64, f64) = (180.0, 4_000.0);
/// Measured: pads, organs and choirs stay below 0.07, even under the noise that leads up to a drop; crowds are at 0.07
/// to 0.18, single voices at 0.05 to 0.3.
const TONAL: f32 = 0.07;
/// A held sound deviates from its mean by 1 to 3 dB, a voice by 5 and more.
const STEADY_DB: f32 = 3.5;
/// Minimum share of all power in that range: hum lies below it.
const SHARE: f32 = 0.2;

impl Pad {
    pub fn new(settings: &Settings) -> Self {
        let every = (STEP_SECONDS / settings.hop_seconds()).round().max(1.0);
        let step = every * settings.hop_seconds();
        Self {
            hops: 0,
            every: every as u32,
            flatness: 1.0,
            level: 0.0,
            levels: 0.0,
            tones: 0.0,
            total: 0.0,
            speed: 1.0 - (-step / WINDOW_SECONDS).exp() as f32,
        }
    }

    /// Takes a hop. Realtime-safe: yes.
    pub fn process(&mut self, frame: &Frame) {
        self.hops += 1;
        if self.hops < self.every {
            return;
        }
        self.hops = 0;
        let bin = |hertz: f64| ((hertz / frame.bin_hertz()).round() as usize).min(frame.power().len());
        let tones = &frame.power()[bin(TONES.0)..bin(TONES.1)];
        let power: f32 = tones.iter().sum();
        let level = decibels(power);
        self.tones += (power - self.tones) * self.speed;
        self.total += (frame.power().iter().sum::<f32>() - self.total) * self.speed;
        self.flatness += (flatness(tones) - self.flatness) * self.speed;
        self.level += (level - self.level) * self.speed;
        self.levels += (level * level - self.levels) * self.speed;
    }

    /// Whether a sound is held.
    pub fn is_held(&self) -> bool {
        let above_hum = self.tones > SHARE * self.total;
        above_hum && self.flatness < TONAL && self.levels - self.level * self.level < STEADY_DB * STEADY_DB
    }
}
