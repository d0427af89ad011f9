//! The spectrum of the newest samples.

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::Arc;

/// A sliding window over the samples, and its Fourier transform.
///
/// The window has the same length in seconds at every sample rate, and so do latencies; it is zero-padded to a power of
/// two.
pub(crate) struct Spectrum {
    window: Vec<f32>,
    ring: Vec<f32>,
    at: usize,
    transform: Arc<dyn RealToComplex<f32>>,
    windowed: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
    magnitudes: Vec<f32>,
    /// From |X| to the amplitude of a sine in that bin.
    amplitude: f32,
    /// From |X|² to a power that sums up to the mean square.
    power: f32,
    bin_hertz: f64,
}

/// The shape of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Hann: the least leakage; its centre is half its length ago.
    Symmetric,
    /// A slow rise and a fall four times as fast: new sound counts earlier, with slightly more leakage.
    Prompt,
}

impl Spectrum {
    /// Samples in the window at 48 kHz.
    pub const SAMPLES_AT_48K: f64 = 2048.0;

    /// A window of silence.
    pub fn new(shape: Shape, sample_rate: f64) -> Self {
        Self::of_seconds(shape, sample_rate, Self::SAMPLES_AT_48K / 48_000.0)
    }

    /// A window of another length.
    pub fn of_seconds(shape: Shape, sample_rate: f64, seconds: f64) -> Self {
        let length = (seconds * sample_rate).round() as usize;
        let size = length.next_power_of_two();
        let window = shape.samples(length);
        let transform = RealFftPlanner::new().plan_fft_forward(size);
        let sum: f32 = window.iter().sum();
        let squares: f32 = window.iter().map(|w| w * w).sum();
        Self {
            ring: vec![0.0; length],
            at: 0,
            windowed: transform.make_input_vec(),
            bins: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            magnitudes: vec![0.0; size / 2 + 1],
            amplitude: 2.0 / sum,
            power: 2.0 / (squares * size as f32),
            bin_hertz: sample_rate / size as f64,
            transform,
            window,
        }
    }

    /// The number of bins, and their distance in Hz.
    pub fn layout(sample_rate: f64) -> (usize, f64) {
        let size = Self::length(sample_rate).next_power_of_two();
        (size / 2 + 1, sample_rate / size as f64)
    }

    fn length(sample_rate: f64) -> usize {
        (Self::SAMPLES_AT_48K * sample_rate / 48_000.0).round() as usize
    }

    /// Hertz between bins.
    pub fn bin_hertz(&self) -> f64 {
        self.bin_hertz
    }

    /// The number of bins, the first for 0 Hz and the last for half the sample rate.
    pub fn bins(&self) -> usize {
        self.magnitudes.len()
    }

    /// The length of the window in samples.
    pub fn samples(&self) -> usize {
        self.window.len()
    }

    /// Adds some samples.
    pub fn slide(&mut self, samples: &[f32]) {
        let samples = &samples[samples.len().saturating_sub(self.ring.len())..];
        let first = samples.len().min(self.ring.len() - self.at);
        self.ring[self.at..self.at + first].copy_from_slice(&samples[..first]);
        self.ring[..samples.len() - first].copy_from_slice(&samples[first..]);
        self.at = (self.at + samples.len()) % self.ring.len();
    }

    /// Transforms the current window. Realtime-safe: yes.
    pub fn transform(&mut self) {
        let (newer, older) = self.ring.split_at(self.at);
        let ordered = older.iter().chain(newer);
        for ((place, sample), weight) in self.windowed.iter_mut().zip(ordered).zip(&self.window) {
            *place = sample * weight;
        }
        self.windowed[self.window.len()..].fill(0.0);
        let done = self.transform.process_with_scratch(&mut self.windowed, &mut self.bins, &mut self.scratch);
        debug_assert!(done.is_ok(), "all buffers were made by the transform");
        for (magnitude, bin) in self.magnitudes.iter_mut().zip(&self.bins) {
            *magnitude = bin.norm_sqr().sqrt() * self.amplitude;
        }
    }

    /// The amplitude in each bin: 1 at the bin of a full-scale sine.
    pub fn magnitudes(&self) -> &[f32] {
        &self.magnitudes
    }

    /// The transform; `power_of_complex` turns the squared magnitude into a power.
    pub fn complex(&self) -> &[Complex32] {
        &self.bins
    }

    /// The factor from |X|² to a power, so that all of them sum up to the mean square of the windowed samples.
    pub fn power_of_complex(&self) -> f32 {
        self.power
    }

    /// The factor from the square of a magnitude to a power, so that all of them sum up to the mean square of the
    /// windowed samples: 0.5 for a full-scale sine.
    pub fn power_of_square(&self) -> f32 {
        self.power / (self.amplitude * self.amplitude)
    }
}

impl Shape {
    fn samples(self, length: usize) -> Vec<f32> {
        let fall = match self {
            Self::Symmetric => length / 2,
            Self::Prompt => length / 5,
        };
        let rise = length - fall;
        let slope = |k: usize, n: usize| (PI * (k as f32 + 0.5) / (2 * n) as f32).sin().powi(2);
        (0..rise).map(|k| slope(k, rise)).chain((0..fall).rev().map(|k| slope(k, fall))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hertz: f64, sample_rate: f64, samples: usize) -> Vec<f32> {
        (0..samples).map(|k| (std::f64::consts::TAU * hertz * k as f64 / sample_rate).sin() as f32).collect()
    }

    #[test]
    fn a_full_scale_sine_has_amplitude_one_and_power_one_half_at_every_rate() {
        for rate in [8_000.0, 44_100.0, 48_000.0, 192_000.0] {
            for shape in [Shape::Symmetric, Shape::Prompt] {
                let mut spectrum = Spectrum::new(shape, rate);
                let bin = spectrum.bins() / 3;
                spectrum.slide(&sine(bin as f64 * spectrum.bin_hertz(), rate, spectrum.window.len() + 7));
                spectrum.transform();
                let magnitudes = spectrum.magnitudes();
                assert!((magnitudes[bin] - 1.0).abs() < 0.01, "{rate} {shape:?}: {}", magnitudes[bin]);
                let power: f32 = magnitudes.iter().map(|m| m * m * spectrum.power_of_square()).sum();
                assert!((power - 0.5).abs() < 0.02, "{rate} {shape:?}: {power}");
            }
        }
    }

    #[test]
    fn how_the_samples_are_cut_makes_no_difference() {
        let samples = sine(997.0, 48_000.0, 10_000);
        let mut whole = Spectrum::new(Shape::Symmetric, 48_000.0);
        let mut cut = Spectrum::new(Shape::Symmetric, 48_000.0);
        whole.slide(&samples);
        samples.chunks(77).for_each(|chunk| cut.slide(chunk));
        whole.transform();
        cut.transform();
        assert_eq!(whole.magnitudes(), cut.magnitudes());
    }
}
