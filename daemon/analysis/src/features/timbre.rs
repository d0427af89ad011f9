//! A space of timbre: similar sounds are close together.

use super::{Entry, Feature};
use crate::frame::{Frame, MEL};
use crate::long::LongSpectrum;
use crate::span::Span;
use crate::spectrum::Spectrum;
use crate::{Field, Settings};
use std::ops::Range;

/// Three coordinates, the axes that listeners use (S. McAdams and others: "Perceptual scaling of synthesized musical
/// timbres", 1995): `x` from dark to bright, `y` from pure to noisy, `z` from sustained to struck. Means of about the
/// last second, weighted by loudness; kept through silence.
///
/// The projection is fixed, without adaptation: the same sound is at the same place all night and in the next show,
/// whatever its gain.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::ratio("timbre.x"), Field::ratio("timbre.y"), Field::ratio("timbre.z")],
    build: |settings| Box::new(Timbre::new(settings)),
};

/// Window of the means.
const SECONDS: f64 = 1.0;
/// Time constant of the further smoothing.
const SMOOTH_SECONDS: f64 = 0.25;
/// An amplitude below this is silence: -70 dB.
const SILENCE: f64 = 3e-4;
/// The mean band by amplitude, of the 32 mel bands, for 0 and 1: about 80 Hz and 10 kHz.
const BANDS: (f64, f64) = (0.5, 26.0);
/// The octaves that separate tones from noise, in Hz: in the long spectrum, which resolves even the harmonics of a
/// bass, and in the short one, which is quick.
const LOW_OCTAVES: [f64; 6] = [47.0, 94.0, 187.5, 375.0, 750.0, 1_500.0];
const HIGH_OCTAVES: [f64; 4] = [1_500.0, 3_000.0, 6_000.0, 12_000.0];
/// The flatness of an octave for 0, in decibels: lines 30 dB above the gaps.
const PURE_DB: f64 = -22.0;
/// The minimum power of a bin, relative to the mean of its octave, and the bins multiplied before taking a logarithm.
const LEAST: f64 = 1e-6;
const FACTORS: usize = 32;
/// An octave with less power than this is silent: -120 dB.
const LEAST_POWER: f64 = 1e-12;
/// The flatness of one window of white noise in decibels; see `shape.rs`.
const NOISE_DB: f64 = -2.507;
/// A stroke is a rise in loudness over this time; noise and beating voices rise by less than the share.
const RISE_SECONDS: f64 = 0.015;
const RISE_SHARE: f64 = 1.15;
/// Rises by the mean loudness per second for 1.
const STROKES: f64 = 48.0;

struct Timbre {
    weight: Span,
    bright: Span,
    noise: Span,
    rise: Span,
    low: Octaves,
    high: Octaves,
    /// The last result for the low octaves, from the long spectrum.
    low_noise: Noise,
    powers: Vec<f32>,
    long_power: f32,
    before: Vec<f64>,
    at: usize,
    keeps: f64,
    lag_seconds: f64,
    place: [f64; 3],
}

impl Timbre {
    fn new(settings: &Settings) -> Self {
        let (bins, bin_hertz) = LongSpectrum::layout(settings);
        let (short_bins, short_bin_hertz) = Spectrum::layout(settings.sample_rate);
        let lag = settings.hops(RISE_SECONDS);
        let span = || Span::new(SECONDS, settings);
        Self {
            weight: span(),
            bright: span(),
            noise: span(),
            rise: span(),
            low: Octaves::new(&LOW_OCTAVES, bins, bin_hertz),
            high: Octaves::new(&HIGH_OCTAVES, short_bins, short_bin_hertz),
            low_noise: Noise::default(),
            powers: vec![0.0; bins],
            long_power: LongSpectrum::power_of_square(settings) as f32,
            before: vec![0.0; lag],
            at: 0,
            keeps: f64::from(settings.decay(SMOOTH_SECONDS)),
            lag_seconds: lag as f64 * settings.hop_seconds(),
            place: [0.0; 3],
        }
    }
}

/// Noisiness: a sum weighted by amplitude, and the sum of the weights.
#[derive(Clone, Copy, Debug, Default)]
struct Noise {
    sum: f64,
    weight: f64,
}

/// The bins of octaves, except those above half the sample rate.
struct Octaves(Vec<Range<usize>>);

impl Octaves {
    fn new(edges: &[f64], bins: usize, bin_hertz: f64) -> Self {
        let bin = |hertz: f64| ((hertz / bin_hertz) as usize).min(bins);
        Self(edges.windows(2).map(|edges| bin(edges[0])..bin(edges[1])).filter(|bins| !bins.is_empty()).collect())
    }

    fn noise(&self, powers: &[f32]) -> Noise {
        let mut noise = Noise::default();
        for octave in &self.0 {
            let powers = &powers[octave.clone()];
            let total = f64::from(powers.iter().sum::<f32>());
            if total > LEAST_POWER {
                noise.sum += total.sqrt() * part(flatness_db(powers, total / powers.len() as f64), PURE_DB, NOISE_DB);
                noise.weight += total.sqrt();
            }
        }
        noise
    }
}

impl Timbre {
    /// From 0 for tones to 1 for noise.
    fn noise(&mut self, frame: &Frame) -> f64 {
        if let Some(magnitudes) = frame.long() {
            for (power, magnitude) in self.powers.iter_mut().zip(magnitudes) {
                *power = magnitude * magnitude * self.long_power;
            }
            self.low_noise = self.low.noise(&self.powers);
        }
        let (low, high) = (self.low_noise, self.high.noise(frame.power()));
        let weight = low.weight + high.weight;
        if weight > 0.0 { (low.sum + high.sum) / weight } else { 0.0 }
    }
}

impl Feature for Timbre {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let bands = frame.mel().map(f32::sqrt);
        let total = f64::from(bands.iter().sum::<f32>());
        let heard = if total > SILENCE { total } else { 0.0 };
        let (bright, noise) = if heard > 0.0 { (bright(&bands), self.noise(frame)) } else { (0.0, 0.0) };
        let weight = self.weight.mean(heard);
        let bright = self.bright.mean(heard * bright);
        let noise = self.noise.mean(heard * noise);
        let before = std::mem::replace(&mut self.before[self.at], heard);
        self.at = (self.at + 1) % self.before.len();
        let rise = self.rise.mean((heard - RISE_SHARE * before).max(0.0) / self.lag_seconds);
        if weight > SILENCE {
            let there = [
                part(bright / weight, BANDS.0, BANDS.1),
                noise / weight,
                part((1.0 + rise / weight).ln(), 0.0, (1.0 + STROKES).ln()),
            ];
            for (place, there) in self.place.iter_mut().zip(there) {
                *place = there + (*place - there) * self.keeps;
            }
        }
        for (value, place) in values.iter_mut().zip(self.place) {
            *value = place as f32;
        }
    }
}

/// The mean band by amplitude.
fn bright(bands: &[f32; MEL]) -> f64 {
    let total: f32 = bands.iter().sum();
    let moment: f32 = bands.iter().zip(0u16..).map(|(band, place)| band * f32::from(place)).sum();
    f64::from(moment / total)
}

/// The geometric mean of the powers over their arithmetic mean, in decibels.
fn flatness_db(powers: &[f32], mean: f64) -> f64 {
    let scale = 1.0 / mean;
    let product = |chunk: &[f32]| chunk.iter().map(|power| (f64::from(*power) * scale).max(LEAST)).product::<f64>();
    let logarithm: f64 = powers.chunks(FACTORS).map(|chunk| product(chunk).log10()).sum();
    10.0 * logarithm / powers.len() as f64
}

/// The position of a value between two others.
fn part(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}
