//! What the tracker hears at each of its ticks.

use crate::novelty::Novelty;
use crate::spectrum::{Shape, Spectrum};

/// What began at one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Activation {
    /// How much it may be a beat, 0 to 1.
    pub beat: f32,
    /// Below the split, 0 to 1: kicks and bass notes.
    pub low: f32,
    /// Above it, 0 to 1: snares, hats, chords.
    pub high: f32,
    /// How hard it drives, on a scale that does not adapt within a minute: the mean rise of all bands.
    pub drive: f32,
}

/// Two onset curves, below and above a split, each scaled by its own recent peak, so that a loud hi-hat cannot hide the
/// kick.
///
/// It has windows of its own, every tick, so that what it hears does not depend on the hop.
pub(super) struct Listener {
    spectrum: Spectrum,
    novelty: Novelty,
    split: usize,
    low: Peak,
    high: Peak,
}

/// Where the bands are split, in Hz.
const SPLIT_HERTZ: f64 = 180.0;
/// Where chords and basses move.
const TONAL_HERTZ: (f64, f64) = (50.0, 2_500.0);
/// How far back spectra are compared.
const LAG_SECONDS: f64 = 0.020;
/// How much more the low band says about the beat than the high one.
const LOW_WEIGHT: f32 = 1.25;

impl Listener {
    /// For ticks every `step` seconds.
    pub fn new(sample_rate: f64, step: f64) -> Self {
        let spectrum = Spectrum::new(Shape::Symmetric, sample_rate);
        let novelty = Novelty::new(&spectrum, step, LAG_SECONDS);
        let split = novelty.below(SPLIT_HERTZ);
        Self { spectrum, novelty, split, low: Peak::new(step), high: Peak::new(step) }
    }

    /// Moves on by some samples.
    pub fn slide(&mut self, samples: &[f32]) {
        self.spectrum.slide(samples);
    }

    /// Hears what has come since the last tick. Realtime-safe: yes.
    pub fn tick(&mut self) -> Activation {
        self.spectrum.transform();
        let (low, high) = self.novelty.hear(self.spectrum.magnitudes()).split_at(self.split);
        let (low, high) = (mean(low), mean(high));
        let drive = (low + high) / 2.0;
        let (low, high) = (self.low.ratio(low), self.high.ratio(high));
        Activation { beat: (high + LOW_WEIGHT * low) / (1.0 + LOW_WEIGHT), low, high, drive }
    }

    /// The bands of [`timbre`](Self::timbre) in which chords and basses move.
    pub fn tonal(&self) -> std::ops::Range<usize> {
        self.novelty.below(TONAL_HERTZ.0)..self.novelty.below(TONAL_HERTZ.1)
    }

    /// The log-compressed spectrum of this tick, in semitones.
    pub fn timbre(&self) -> &[f32] {
        self.novelty.compressed()
    }
}

fn mean(rises: &[f32]) -> f32 {
    rises.iter().sum::<f32>() / rises.len().max(1) as f32
}

/// Scales by the running peak, after taking away the running mean.
#[derive(Clone, Copy, Debug)]
struct Peak {
    peak: f32,
    mean: f32,
    keeps: f32,
}

/// How long peak and mean are remembered.
const PEAK_SECONDS: f64 = 5.0;
/// What is not scaled up to 1: a mean rise that means nothing.
const LEAST_PEAK: f32 = 0.1;

impl Peak {
    fn new(step: f64) -> Self {
        Self { peak: LEAST_PEAK, mean: 0.0, keeps: (-step / PEAK_SECONDS).exp() as f32 }
    }

    fn ratio(&mut self, value: f32) -> f32 {
        self.mean = value + (self.mean - value) * self.keeps;
        self.peak = value.max(self.mean + (self.peak - self.mean) * self.keeps);
        let room = (self.peak - self.mean).max(LEAST_PEAK);
        ((value - self.mean) / room).clamp(0.0, 1.0)
    }
}
