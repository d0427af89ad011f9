//! A space of timbre: sounds that are alike lie close together.

use super::{Entry, Feature};
use crate::frame::{Frame, MEL};
use crate::span::Span;
use crate::spectrum::Spectrum;
use crate::{Field, Settings};
use std::ops::Range;

/// Three coordinates, the axes that listeners use (S. McAdams and others: "Perceptual scaling of synthesized musical
/// timbres", 1995): `x` from dark to bright, `y` from pure to noisy, `z` from sustained to struck. Means of about the last
/// second, weighted by how loud it was; kept through silence.
///
/// The projection is fixed and nothing in it adapts: the same sound lies at the same place all night and in the next show,
/// and the gain does not move it.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::ratio("timbre.x"), Field::ratio("timbre.y"), Field::ratio("timbre.z")],
    build: |settings| Box::new(Timbre::new(settings)),
};

/// How long the means remember, exactly.
const SECONDS: f64 = 1.0;
/// How long the place is smoothed beyond that.
const SMOOTH_SECONDS: f64 = 0.25;
/// An amplitude below this is silence: -70 dB.
const SILENCE: f64 = 3e-4;
/// The mean band by amplitude, of the 32 mel bands, that makes 0 and 1: about 150 Hz and 7 kHz.
const BANDS: (f64, f64) = (2.0, 22.0);
/// Where tones are told from noise: octaves between these, in Hz.
const OCTAVES: [f64; 7] = [187.5, 375.0, 750.0, 1_500.0, 3_000.0, 6_000.0, 12_000.0];
/// The flatness of an octave, in decibels, that makes 0: lines 30 dB above what lies between them.
const PURE_DB: f64 = -22.0;
/// The least power of a bin, relative to the mean of its octave, and the bins that are multiplied before a logarithm is
/// taken.
const LEAST: f64 = 1e-6;
const FACTORS: usize = 32;
/// The flatness of one window of white noise in decibels; see `shape.rs`.
const NOISE_DB: f64 = -2.507;
/// Strokes are told by how much louder it is than so long ago; noise and beating voices rise by less than the share.
const RISE_SECONDS: f64 = 0.015;
const RISE_SHARE: f64 = 1.15;
/// How often the loudness rises by its own mean in a second, that makes 1.
const STROKES: f64 = 24.0;

struct Timbre {
    weight: Span,
    bright: Span,
    noise: Span,
    rise: Span,
    octaves: Vec<Range<usize>>,
    before: Vec<f64>,
    at: usize,
    keeps: f64,
    lag_seconds: f64,
    place: [f64; 3],
}

impl Timbre {
    fn new(settings: &Settings) -> Self {
        let lag = settings.hops(RISE_SECONDS);
        let span = || Span::new(SECONDS, settings);
        Self {
            weight: span(),
            bright: span(),
            noise: span(),
            rise: span(),
            octaves: octaves(settings.sample_rate),
            before: vec![0.0; lag],
            at: 0,
            keeps: f64::from(settings.decay(SMOOTH_SECONDS)),
            lag_seconds: lag as f64 * settings.hop_seconds(),
            place: [0.0; 3],
        }
    }
}

impl Timbre {
    /// How noisy each octave is, 0 to 1: the mean by amplitude.
    fn noise(&self, frame: &Frame) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for octave in &self.octaves {
            let powers = &frame.power()[octave.clone()];
            let total = f64::from(powers.iter().sum::<f32>());
            if total > f64::from(f32::MIN_POSITIVE) {
                sum += total.sqrt() * part(flatness_db(powers, total / powers.len() as f64), PURE_DB, NOISE_DB);
                weight += total.sqrt();
            }
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

impl Feature for Timbre {
    fn hear(&mut self, frame: &Frame, values: &mut [f32]) {
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

/// The bins of those octaves that lie below half the sample rate.
fn octaves(sample_rate: f64) -> Vec<Range<usize>> {
    let (bins, bin_hertz) = Spectrum::layout(sample_rate);
    let bin = |hertz: f64| ((hertz / bin_hertz) as usize).min(bins);
    OCTAVES.windows(2).map(|edges| bin(edges[0])..bin(edges[1])).filter(|bins| !bins.is_empty()).collect()
}

/// Where a value lies between two others.
fn part(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}
