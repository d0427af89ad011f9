//! The new part of a spectrum: SuperFlux.

use crate::filterbank::Filterbank;
use crate::programme::Programme;
use crate::spectrum::Spectrum;

/// The rise of each band of a log-compressed spectrum against the loudest of its neighbours a little earlier, robust
/// against vibrato and sliding tones. S. Böck, G. Widmer: "Maximum filter vibrato suppression for onset detection",
/// DAFx 2013.
///
/// The compression follows the programme's level, so that gain makes no difference.
pub(crate) struct Novelty {
    bank: Filterbank,
    sums: Vec<f32>,
    compressed: Vec<f32>,
    rises: Vec<f32>,
    /// The last spectra, each band the maximum of itself and its neighbours.
    past: Vec<f32>,
    at: usize,
    programme: Programme,
}

/// Programme below this mean amplitude of a band is not scaled up further: noise of about -75 dBFS.
const LEAST_REFERENCE: f32 = 4e-5;

impl Novelty {
    /// For spectra every `step` seconds; each is compared with the one `lag` seconds before, or the last.
    pub fn new(spectrum: &Spectrum, step: f64, lag: f64) -> Self {
        let bank = Filterbank::semitones(spectrum.bins(), spectrum.bin_hertz());
        let bands = bank.len();
        let lag = ((lag / step).round() as usize).max(1);
        Self {
            sums: vec![0.0; bands],
            compressed: vec![0.0; bands],
            rises: vec![0.0; bands],
            past: vec![0.0; bands * lag],
            at: 0,
            programme: Programme::new(step, LEAST_REFERENCE),
            bank,
        }
    }

    /// The number of bands, from the lowest, below a frequency.
    pub fn below(&self, hertz: f64) -> usize {
        self.bank.below(hertz)
    }

    /// Takes the next spectrum and returns the rise of each band. Realtime-safe: yes.
    pub fn process(&mut self, magnitudes: &[f32]) -> &[f32] {
        self.bank.apply(magnitudes, &mut self.sums);
        let scale = self.programme.scale(&self.sums);
        for (compressed, sum) in self.compressed.iter_mut().zip(&self.sums) {
            *compressed = (sum * scale).ln_1p();
        }
        let bands = self.sums.len();
        let past = &mut self.past[self.at..self.at + bands];
        for ((rise, now), before) in self.rises.iter_mut().zip(&self.compressed).zip(past.iter()) {
            *rise = (now - before).max(0.0);
        }
        widen(&self.compressed, past);
        self.at = (self.at + bands) % self.past.len();
        &self.rises
    }
}

/// Writes to each place the maximum of the values at and beside it.
fn widen(values: &[f32], widened: &mut [f32]) {
    for (place, wide) in widened.iter_mut().enumerate() {
        let beside = &values[place.saturating_sub(1)..(place + 2).min(values.len())];
        *wide = beside.iter().copied().fold(0.0, f32::max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::Shape;
    use std::f64::consts::TAU;

    const RATE: f64 = 48_000.0;

    /// The sum of all rises, every 10 ms.
    fn rises(samples: impl Iterator<Item = f64>) -> Vec<f32> {
        let mut spectrum = Spectrum::new(Shape::Symmetric, RATE);
        let mut novelty = Novelty::new(&spectrum, 0.01, 0.02);
        let samples: Vec<f32> = samples.map(|x| x as f32).collect();
        let hop = |hop: &[f32]| {
            spectrum.slide(hop);
            spectrum.transform();
            novelty.process(spectrum.magnitudes()).iter().sum()
        };
        samples.chunks_exact(480).map(hop).collect()
    }

    fn tone(k: usize, hertz: f64) -> f64 {
        0.3 * (TAU * hertz * k as f64 / RATE).sin()
    }

    #[test]
    fn a_note_rises_once_and_then_rests() {
        let rises = rises((0..96_000).map(|k| if k < 48_000 { 0.0 } else { tone(k, 440.0) }));
        assert!(rises[..100].iter().all(|rise| *rise == 0.0));
        assert!(rises[100..104].iter().any(|rise| *rise > 10.0), "{:?}", &rises[98..110]);
        assert!(rises[130..].iter().all(|rise| *rise < 0.5), "{:?}", &rises[130..]);
    }

    #[test]
    fn vibrato_rises_far_less_than_a_note() {
        let vibrato = |k: usize| {
            let t = k as f64 / RATE;
            0.3 * (TAU * (440.0 * t) + 6.0 * 440.0 * 0.006 * (TAU * 6.0 * t).sin() / 6.0).sin()
        };
        let rises = rises((0..96_000).map(vibrato));
        let (first, later) = rises.split_at(40);
        let (note, vibrato) = (max(first), max(later));
        assert!(vibrato < note / 10.0, "{vibrato} against {note}");
    }

    #[test]
    fn gain_makes_no_difference() {
        let beat = |k: usize| tone(k, 100.0) * f64::from(k as u32 % 24_000 < 4_800);
        let [loud, quiet] = [1.0, 0.01].map(|gain| rises((0..480_000).map(|k| gain * beat(k))));
        let (loud, quiet) = (max(&loud[600..]), max(&quiet[600..]));
        assert!((loud / quiet - 1.0).abs() < 0.01, "{loud} {quiet}");
    }

    fn max(values: &[f32]) -> f32 {
        values.iter().copied().fold(0.0, f32::max)
    }
}
