//! The shape of the spectrum: width, noisiness, roll-off.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::{Field, Unit};

/// The standard deviation of the frequency by amplitude, around the centroid, in Hz; the flatness, from 0 for a tone to
/// 1 for white noise; and the frequency below which 85 % of the amplitude lies, in Hz. All are 0 in silence. G.
/// Peeters: "A large set of audio features for sound description", IRCAM 2004.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::scalar("spread", Unit::Hertz, (0.0, HIGHEST_HERTZ as f32)),
        Field::ratio("flatness"),
        Field::scalar("roll-off", Unit::Hertz, (0.0, HIGHEST_HERTZ as f32)),
    ],
    build: |_| Box::new(Shape),
};

/// As for the centroid.
const HIGHEST_HERTZ: f64 = 20_000.0;
const SILENCE: f32 = 1e-4;
/// The share of the amplitude below the roll-off.
const ROLL_OFF: f32 = 0.85;
/// The range of flatness, in Hz: below it the window does not separate tones, above it compressed music is empty.
const FLATNESS_HERTZ: (f64, f64) = (200.0, 12_000.0);
/// Bins multiplied before taking a logarithm: a product of this many stays in the range of a double.
const FACTORS: usize = 16;
/// The minimum power of a bin, relative to the mean, for flatness.
const LEAST: f64 = 1e-9;
/// The flatness of one window of white noise, whose bins have exponentially distributed powers: e to the power of minus
/// Euler's constant.
const NOISE: f64 = 0.561_459_483_566_885;

struct Shape;

impl Feature for Shape {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let hertz = frame.bin_hertz();
        let magnitudes = frame.magnitudes();
        let magnitudes = &magnitudes[..magnitudes.len().min((HIGHEST_HERTZ / hertz) as usize + 1)];
        let [total, first, second] = moments(magnitudes);
        if total < SILENCE {
            values.fill(0.0);
            return;
        }
        let centroid = first / total;
        values[0] = ((second / total - centroid * centroid).max(0.0).sqrt() * hertz as f32).min(HIGHEST_HERTZ as f32);
        values[1] = flatness(frame);
        values[2] = (roll_off(magnitudes, total) * hertz as f32).min(HIGHEST_HERTZ as f32);
    }
}

/// The sums of the amplitudes, of amplitude times bin, and of amplitude times bin squared, without bin 0.
fn moments(magnitudes: &[f32]) -> [f32; 3] {
    let mut sums = [[0.0f32; 3]; 4];
    for (chunk, first) in magnitudes[1..].chunks(4).zip((1u16..).step_by(4)) {
        for (lane, magnitude) in chunk.iter().enumerate() {
            let bin = f32::from(first) + lane as f32;
            let sum = &mut sums[lane];
            sum[0] += magnitude;
            sum[1] += magnitude * bin;
            sum[2] += magnitude * bin * bin;
        }
    }
    std::array::from_fn(|moment| sums.iter().map(|sum| sum[moment]).sum())
}

/// The bin, with a fraction, below which [`ROLL_OFF`] of the amplitude lies.
fn roll_off(magnitudes: &[f32], total: f32) -> f32 {
    let mut missing = ROLL_OFF * total;
    for (bin, magnitude) in magnitudes.iter().enumerate().skip(1) {
        if *magnitude >= missing {
            return bin as f32 - 0.5 + missing / magnitude.max(f32::MIN_POSITIVE);
        }
        missing -= magnitude;
    }
    magnitudes.len() as f32 - 0.5
}

/// The geometric mean of the powers over their arithmetic mean.
fn flatness(frame: &Frame) -> f32 {
    let bin = |hertz: f64| ((hertz / frame.bin_hertz()) as usize).min(frame.power().len());
    let powers = &frame.power()[bin(FLATNESS_HERTZ.0)..bin(FLATNESS_HERTZ.1)];
    let mean = powers.iter().sum::<f32>() as f64 / powers.len().max(1) as f64;
    if mean <= f64::from(f32::MIN_POSITIVE) {
        return 0.0;
    }
    let scale = 1.0 / mean;
    let product = |chunk: &[f32]| chunk.iter().map(|power| (f64::from(*power) * scale).max(LEAST)).product::<f64>();
    let logarithm: f64 = powers.chunks(FACTORS).map(|chunk| product(chunk).ln()).sum();
    (((logarithm / powers.len() as f64).exp() - LEAST) / NOISE).clamp(0.0, 1.0) as f32
}
