//! Held sounds: what carries a breakdown.

use crate::Settings;
use crate::flatness::flatness;
use crate::frame::Frame;
use crate::leveller::decibels;

/// Knows pads, organs and held chords by their tones, which stand out of the spectrum, and by a level that stays: a voice
/// has tones too, but swells and pauses; people who talk at once keep their level, but have no tones.
#[derive(Clone, Debug)]
pub(super) struct Pad {
    /// Hops since the last look, and from one to the next.
    hops: u32,
    every: u32,
    flatness: f32,
    /// Mean and mean square of the level in decibels.
    level: f32,
    levels: f32,
    speed: f32,
}

/// How often it is looked at.
const STEP_SECONDS: f64 = 0.05;
/// Over how long it is judged.
const WINDOW_SECONDS: f64 = 1.0;
/// Where tones are looked for, in Hz: above hum.
const TONES: (f64, f64) = (180.0, 4_000.0);
/// Measured with sound fonts: pads, organs and choirs stay below 0.03, people who talk above 0.07, single voices between.
const TONAL: f32 = 0.04;
/// A held sound deviates from its mean by 1 to 3 dB, a voice by 7 and more.
const STEADY_DB: f32 = 4.0;

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
            speed: 1.0 - (-step / WINDOW_SECONDS).exp() as f32,
        }
    }

    /// Hears a hop. Realtime-safe: yes.
    pub fn hear(&mut self, frame: &Frame) {
        self.hops += 1;
        if self.hops < self.every {
            return;
        }
        self.hops = 0;
        let bin = |hertz: f64| ((hertz / frame.bin_hertz()).round() as usize).min(frame.power().len());
        let tones = &frame.power()[bin(TONES.0)..bin(TONES.1)];
        let level = decibels(tones.iter().sum());
        self.flatness += (flatness(tones) - self.flatness) * self.speed;
        self.level += (level - self.level) * self.speed;
        self.levels += (level * level - self.levels) * self.speed;
    }

    /// Whether something is held.
    pub fn is_held(&self) -> bool {
        self.flatness < TONAL && self.levels - self.level * self.level < STEADY_DB * STEADY_DB
    }
}
