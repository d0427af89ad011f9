//! The common base of the features of a hop, computed once.

mod polarity;
mod strength;
mod view;

use crate::biquad::Biquad;
use crate::decimator::Decimator;
use crate::filterbank::Filterbank;
use crate::long::LongSpectrum;
use crate::rhythm::Ear;
use crate::spectrum::{Shape, Spectrum};
use crate::{Polarity, Settings};
use polarity::Judge;
use realfft::num_complex::Complex32;
pub(crate) use strength::{Region, Strengths};
use view::Mixer;
pub(crate) use view::View;

/// Bands of the mel spectrum.
pub(crate) const MEL: usize = 32;

/// The samples of one hop and what follows from them.
pub(crate) struct Frame {
    left: Vec<f32>,
    right: Vec<f32>,
    mono: Vec<f32>,
    filled: usize,
    weighting: [[Biquad; 2]; 2],
    judge: Judge,
    mixer: Mixer,
    /// Samples since the last use of a view other than the sum.
    plain: usize,
    block_dc: Biquad,
    weighted: f64,
    spectrum: Spectrum,
    power: Vec<f32>,
    mel_bank: Filterbank,
    mel: [f32; MEL],
    strengths: Strengths,
    ear: Ear,
    slow: Decimator,
    long: LongSpectrum,
}

impl Frame {
    pub fn new(settings: &Settings) -> Self {
        let (rate, hop) = (settings.sample_rate, settings.hop);
        let spectrum = Spectrum::new(Shape::Prompt, rate);
        Self {
            left: vec![0.0; hop],
            right: vec![0.0; hop],
            mono: vec![0.0; hop],
            filled: 0,
            weighting: [Biquad::k_weighting(rate); 2],
            judge: Judge::new(settings),
            mixer: Mixer::new(settings),
            plain: usize::MAX,
            block_dc: Biquad::high_pass(10.0, std::f64::consts::FRAC_1_SQRT_2, rate),
            weighted: 0.0,
            power: vec![0.0; spectrum.bins()],
            mel_bank: Filterbank::mel(MEL, spectrum.bins(), spectrum.bin_hertz()),
            mel: [0.0; MEL],
            strengths: Strengths::new(&spectrum, settings),
            ear: Ear::new(rate, hop),
            slow: Decimator::new(rate, hop),
            long: LongSpectrum::new(settings),
            spectrum,
        }
    }

    /// Takes as many samples as fit, and returns their number. Both sides have the same length.
    pub fn fill(&mut self, left: &[f32], right: &[f32]) -> usize {
        let taken = left.len().min(self.left.len() - self.filled);
        let here = self.filled..self.filled + taken;
        for (place, sample) in self.left[here.clone()].iter_mut().zip(left) {
            *place = sound(*sample);
        }
        for (place, sample) in self.right[here].iter_mut().zip(right) {
            *place = sound(*sample);
        }
        self.filled += taken;
        taken
    }

    /// Whether the hop is complete.
    pub fn is_full(&self) -> bool {
        self.filled == self.left.len()
    }

    /// Starts the next hop.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Computes everything from a complete hop. Realtime-safe: yes.
    pub fn analyse(&mut self) {
        let mut weighted = 0.0;
        for (side, filters) in [&self.left, &self.right].into_iter().zip(&mut self.weighting) {
            weighted +=
                side.iter().map(|x| filters.iter_mut().fold(f64::from(*x), |x, f| f.run(x)).powi(2)).sum::<f64>();
            filters.iter_mut().for_each(Biquad::settle);
        }
        self.weighted = weighted / self.left.len() as f64;
        let (view, passage) = self.judge.process(&self.left, &self.right);
        self.mixer.turn(view, passage);
        self.plain = if self.mixer.is_sum() { self.plain.saturating_add(self.left.len()) } else { 0 };
        for ((mono, left), right) in self.mono.iter_mut().zip(&self.left).zip(&self.right) {
            *mono = self.block_dc.run(self.mixer.mix(*left, *right)) as f32;
        }
        self.block_dc.settle();
        self.slow.process(&self.mono);
        self.long.process(self.slow.samples());
        self.spectrum.slide(&self.mono);
        self.spectrum.transform();
        let factor = self.spectrum.power_of_square();
        for (power, magnitude) in self.power.iter_mut().zip(self.spectrum.magnitudes()) {
            *power = magnitude * magnitude * factor;
        }
        self.mel_bank.apply(&self.power, &mut self.mel);
        self.strengths.process(self.spectrum.magnitudes());
        self.ear.process(&self.mono);
    }

    /// The hop's samples.
    pub fn sides(&self) -> [&[f32]; 2] {
        [&self.left, &self.right]
    }

    /// The middle of both sides, free of DC; if the sides cancel, the [`View`] that loses nothing.
    pub fn mono(&self) -> &[f32] {
        &self.mono
    }

    /// The view of [`mono`](Self::mono).
    pub fn view(&self) -> View {
        self.mixer.view()
    }

    /// The polarity of left and right.
    pub fn polarity(&self) -> Polarity {
        self.judge.polarity()
    }

    /// The hop's K-weighted mean square, summed over both sides (ITU-R BS.1770).
    pub fn weighted(&self) -> f64 {
        self.weighted
    }

    /// The amplitude of each bin of `mono`'s newest 43 ms; 1 for a full-scale sine.
    pub fn magnitudes(&self) -> &[f32] {
        self.spectrum.magnitudes()
    }

    /// The power of each bin; all of them sum up to the mean square.
    pub fn power(&self) -> &[f32] {
        &self.power
    }

    /// Hertz between bins.
    pub fn bin_hertz(&self) -> f64 {
        self.spectrum.bin_hertz()
    }

    /// The power in each mel band.
    pub fn mel(&self) -> &[f32; MEL] {
        &self.mel
    }

    /// The output of the trained ear: its ticks of this hop, and the tempo.
    pub fn ear(&self) -> &Ear {
        &self.ear
    }

    /// The transform of the same window, if all of it is the sum of both sides.
    pub fn complex_of_sum(&self) -> Option<&[Complex32]> {
        (self.plain >= self.spectrum.samples()).then(|| self.spectrum.complex())
    }

    /// The new samples of the middle at the low rate of [`Decimator::rate`].
    pub fn slow(&self) -> &[f32] {
        self.slow.samples()
    }

    /// The amplitude of each bin of the middle's newest 0.34 s, as in [`LongSpectrum::layout`]; about 20 times a
    /// second, and `None` in between.
    pub fn long(&self) -> Option<&[f32]> {
        self.long.fresh()
    }

    /// The onset strength of each region, 0 to 1.
    pub fn strengths(&self) -> &Strengths {
        &self.strengths
    }
}

/// The clipping level: 24 dB above full scale.
pub(crate) const LIMIT: f32 = 16.0;

/// Makes a sample safe for computations.
fn sound(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-LIMIT, LIMIT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_are_no_numbers_count_as_zero_and_others_are_limited() {
        assert_eq!(sound(f32::NAN), 0.0);
        assert_eq!(sound(f32::NEG_INFINITY), -16.0);
        assert_eq!(sound(1e30), 16.0);
        assert_eq!(sound(-0.5), -0.5);
    }

    #[test]
    fn a_constant_offset_leaves_no_trace_in_the_spectrum() {
        let mut frame = Frame::new(&Settings::default());
        for _ in 0..400 {
            frame.fill(&[0.9; 256], &[0.9; 256]);
            frame.analyse();
            frame.clear();
        }
        assert!(frame.power().iter().sum::<f32>() < 1e-9);
    }
}
