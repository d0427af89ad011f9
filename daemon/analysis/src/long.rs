//! The spectrum of a third of a second, to resolve the notes of the low end.

use crate::Settings;
use crate::decimator::Decimator;
use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::Arc;

/// A long window over the samples of the low rate, with a Fourier transform at intervals.
pub(crate) struct LongSpectrum {
    window: Vec<f32>,
    /// The newest samples, oldest first.
    past: Vec<f32>,
    transform: Arc<dyn RealToComplex<f32>>,
    windowed: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
    magnitudes: Vec<f32>,
    hops: usize,
    hop: usize,
}

/// Two neighbouring semitones are distinct from 200 Hz on.
const WINDOW_SECONDS: f64 = 0.34;
/// Interval of the transforms.
const STEP_SECONDS: f64 = 0.05;
/// The noise bandwidth of the window (Hann), in bins without padding.
const NOISE_BINS: f64 = 1.5;

impl LongSpectrum {
    /// A window of silence.
    pub fn new(settings: &Settings) -> Self {
        let (length, size) = lengths(settings);
        let transform = RealFftPlanner::new().plan_fft_forward(size);
        let hann = |k: usize| (PI * (k as f32 + 0.5) / length as f32).sin().powi(2) * 4.0 / length as f32;
        Self {
            window: (0..length).map(hann).collect(),
            past: vec![0.0; length],
            windowed: transform.make_input_vec(),
            bins: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            magnitudes: vec![0.0; size / 2 + 1],
            hops: settings.hops(STEP_SECONDS),
            hop: 0,
        }
    }

    /// The number of bins, and their distance in Hz. They are accurate up to [`Decimator::TOP_HERTZ`].
    pub fn layout(settings: &Settings) -> (usize, f64) {
        let (_, size) = lengths(settings);
        (size / 2 + 1, Decimator::rate(settings.sample_rate) / size as f64)
    }

    /// Seconds between transforms.
    pub fn step_seconds(settings: &Settings) -> f64 {
        settings.hops(STEP_SECONDS) as f64 * settings.hop_seconds()
    }

    /// The factor from the square of a magnitude to a power, so that all of them sum up to the mean square.
    pub fn power_of_square(settings: &Settings) -> f64 {
        let (length, size) = lengths(settings);
        0.5 / NOISE_BINS * length as f64 / size as f64
    }

    /// Adds the new samples of a hop at the low rate. Realtime-safe: yes.
    pub fn process(&mut self, samples: &[f32]) {
        let samples = &samples[samples.len().saturating_sub(self.past.len())..];
        self.past.copy_within(samples.len().., 0);
        let old = self.past.len() - samples.len();
        self.past[old..].copy_from_slice(samples);
        self.hop += 1;
        if self.hop >= self.hops {
            self.hop = 0;
            self.look();
        }
    }

    /// The amplitude in each bin, 1 for a full-scale sine; only after the hop of a transform.
    pub fn fresh(&self) -> Option<&[f32]> {
        (self.hop == 0).then_some(&self.magnitudes)
    }

    fn look(&mut self) {
        for ((place, sample), weight) in self.windowed.iter_mut().zip(&self.past).zip(&self.window) {
            *place = sample * weight;
        }
        self.windowed[self.past.len()..].fill(0.0);
        let done = self.transform.process_with_scratch(&mut self.windowed, &mut self.bins, &mut self.scratch);
        debug_assert!(done.is_ok(), "all buffers were made by the transform");
        for (magnitude, bin) in self.magnitudes.iter_mut().zip(&self.bins) {
            *magnitude = bin.norm_sqr().sqrt();
        }
    }
}

/// Samples in the window, and in the transform.
fn lengths(settings: &Settings) -> (usize, usize) {
    let length = (WINDOW_SECONDS * Decimator::rate(settings.sample_rate)) as usize;
    (length, length.next_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_its_amplitude_and_its_power_at_every_rate() {
        for sample_rate in [8_000.0, 44_100.0, 48_000.0, 192_000.0] {
            let settings = Settings { sample_rate, ..Settings::default() };
            let rate = Decimator::rate(sample_rate);
            let mut spectrum = LongSpectrum::new(&settings);
            let (_, bin_hertz) = LongSpectrum::layout(&settings);
            let sine = |k: usize| (std::f64::consts::TAU * 100.0 * bin_hertz * k as f64 / rate).sin() as f32;
            let samples: Vec<f32> = (0..rate as usize).map(sine).collect();
            let mut fresh = 0;
            for hop in samples.chunks(32) {
                spectrum.process(hop);
                fresh += usize::from(spectrum.fresh().is_some());
            }
            assert!(fresh > 0 && (spectrum.magnitudes[100] - 1.0).abs() < 0.01, "{sample_rate}");
            let squares: f32 = spectrum.magnitudes.iter().map(|x| x * x).sum();
            let power = f64::from(squares) * LongSpectrum::power_of_square(&settings);
            assert!((power - 0.5).abs() < 0.01, "{power} at {sample_rate} Hz");
        }
    }
}
