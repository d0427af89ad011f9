//! The low end at a low rate, for features that need long windows or lags: harmony, pitch and the waveform.

use crate::dot::dot;
use std::f64::consts::PI;

/// A low-pass and a lower sample rate: 6 to 12 kHz, 6 kHz for 48 kHz. Everything below [`Self::TOP_HERTZ`] passes
/// within 0.1 dB; aliases there are at least 46 dB down.
pub(crate) struct Decimator {
    taps: Vec<f32>,
    /// The newest samples, oldest first: enough for one output, then those received since.
    past: Vec<f32>,
    factor: usize,
    /// Samples missing for the next output.
    missing: usize,
    out: Vec<f32>,
}

/// Taps for each omitted sample.
const TAPS: usize = 12;

impl Decimator {
    /// The output is accurate up to here.
    pub const TOP_HERTZ: f64 = 2_200.0;
    const LEAST_RATE: f64 = 6_000.0;

    /// For at most `hop` samples at a time.
    pub fn new(sample_rate: f64, hop: usize) -> Self {
        let factor = factor(sample_rate);
        let taps = if factor == 1 { vec![1.0] } else { low_pass(factor * TAPS, 0.5 / factor as f64) };
        Self {
            past: vec![0.0; taps.len() + hop],
            taps,
            factor,
            missing: factor,
            out: Vec::with_capacity(hop / factor + 1),
        }
    }

    /// The output rate.
    pub fn rate(sample_rate: f64) -> f64 {
        sample_rate / factor(sample_rate) as f64
    }

    /// Takes a hop and stores the output. Realtime-safe: yes.
    pub fn process(&mut self, samples: &[f32]) {
        let samples = &samples[..samples.len().min(self.past.len() - self.taps.len())];
        self.out.clear();
        self.past.copy_within(samples.len().., 0);
        let old = self.past.len() - samples.len();
        self.past[old..].copy_from_slice(samples);
        let mut end = old;
        let mut left = samples.len();
        while left >= self.missing {
            end += self.missing;
            left -= self.missing;
            self.missing = self.factor;
            self.out.push(dot(&self.taps, &self.past[end - self.taps.len()..end]));
        }
        self.missing -= left;
    }

    /// The output of the last hop; sometimes empty.
    pub fn samples(&self) -> &[f32] {
        &self.out
    }
}

fn factor(sample_rate: f64) -> usize {
    ((sample_rate / Decimator::LEAST_RATE) as usize).max(1)
}

/// A sinc under a Hamming window, of unity gain. `cutoff` in cycles per sample.
fn low_pass(taps: usize, cutoff: f64) -> Vec<f32> {
    let tap = |k: usize| {
        let x = k as f64 - (taps - 1) as f64 / 2.0;
        let sinc = if x == 0.0 { 2.0 * cutoff } else { (2.0 * PI * cutoff * x).sin() / (PI * x) };
        sinc * (0.54 - 0.46 * (2.0 * PI * (k as f64 + 0.5) / taps as f64).cos())
    };
    let taps: Vec<f64> = (0..taps).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(hertz: f64, rate: f64, hop: usize) -> Vec<f32> {
        let mut decimator = Decimator::new(rate, hop);
        let sine: Vec<f32> = (0..rate as usize).map(|k| (2.0 * PI * hertz * k as f64 / rate).sin() as f32).collect();
        let mut out = Vec::new();
        for hop in sine.chunks(hop) {
            decimator.process(hop);
            out.extend_from_slice(decimator.samples());
        }
        out
    }

    fn peak(samples: &[f32]) -> f32 {
        samples[200..].iter().fold(0.0, |peak, x| x.abs().max(peak))
    }

    #[test]
    fn low_notes_pass_and_what_would_be_mirrored_onto_them_does_not() {
        for rate in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            let out = Decimator::rate(rate);
            assert!((6_000.0..7_000.0).contains(&out));
            for hertz in [50.0, 440.0, Decimator::TOP_HERTZ] {
                assert!((peak(&heard(hertz, rate, 256)) - 1.0).abs() < 0.02, "{hertz} Hz at {rate}");
                let mirrored = peak(&heard(out - hertz, rate, 256));
                assert!(mirrored < 0.005, "{hertz} Hz at {rate}: {mirrored}");
            }
        }
    }

    #[test]
    fn how_the_samples_are_cut_makes_no_difference() {
        let whole = heard(440.0, 48_000.0, 1_024);
        for hop in [64, 77, 256] {
            let cut = heard(440.0, 48_000.0, hop);
            let far = cut.iter().zip(&whole).filter(|(cut, whole)| (*cut - *whole).abs() > 1e-6).count();
            assert_eq!((far, cut.len()), (0, whole.len()));
        }
    }

    #[test]
    fn a_low_rate_stays_as_it_is() {
        assert_eq!(Decimator::rate(8_000.0), 8_000.0);
        assert_eq!(heard(440.0, 8_000.0, 64).len(), 8_000);
    }
}
