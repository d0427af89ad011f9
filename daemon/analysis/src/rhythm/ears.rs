//! The inputs of the net at each tick.

use crate::decimator::Decimator;
use crate::filterbank::Filterbank;
use crate::programme::Programme;
use crate::spectrum::{Shape, Spectrum};

/// Two spectra, compressed against the programme's level so that gain makes no difference: a quick one for strokes, and
/// a fine one for the notes of basses and chords.
///
/// Its numbers are the same at every sample rate, except above half of it, which is silent.
pub(crate) struct Ears {
    quick: Spectrum,
    quick_bank: Filterbank,
    quick_level: Programme,
    fine: Spectrum,
    fine_bank: Filterbank,
    fine_level: Programme,
    decimator: Decimator,
    ticks: u32,
    inputs: Vec<f32>,
    /// The rise of each quick band within two ticks.
    rises: Vec<f32>,
    /// The quick spectra of the last two ticks, the older first.
    past: [Vec<f32>; 2],
    split: usize,
}

/// The split below which kicks and basses lie, in Hz.
const SPLIT_HERTZ: f64 = 180.0;
/// Ticks per second.
pub(crate) const RATE: f64 = 100.0;
/// Ticks between fine spectra.
const FINE_EVERY: u32 = 4;
/// The fine spectrum's window.
const FINE_SECONDS: f64 = 0.25;
/// The first note, and the number of semitones: A1 to A6.
const LOWEST_HERTZ: f64 = 55.0;
const SEMITONES: usize = 60;
/// Factor of the decimation.
const BLOCK: usize = 256;

impl Ears {
    /// Ears that have heard silence.
    pub fn new(sample_rate: f64) -> Self {
        let quick = Spectrum::new(Shape::Prompt, sample_rate);
        let fine = Spectrum::of_seconds(Shape::Symmetric, Decimator::rate(sample_rate), FINE_SECONDS);
        let quick_bank = Filterbank::ears(quick.bins(), quick.bin_hertz());
        let fine_bank = Filterbank::notes(LOWEST_HERTZ, SEMITONES, fine.bins(), fine.bin_hertz());
        Self {
            inputs: vec![0.0; quick_bank.len() + fine_bank.len()],
            rises: vec![0.0; quick_bank.len()],
            past: [vec![0.0; quick_bank.len()], vec![0.0; quick_bank.len()]],
            split: quick_bank.below(SPLIT_HERTZ),
            quick,
            quick_bank,
            quick_level: Programme::new(1.0 / RATE, LEAST_REFERENCE),
            fine,
            fine_bank,
            fine_level: Programme::new(f64::from(FINE_EVERY) / RATE, LEAST_REFERENCE),
            decimator: Decimator::new(sample_rate, BLOCK),
            ticks: 0,
        }
    }

    /// Numbers per tick.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Takes some samples. Realtime-safe: yes.
    pub fn slide(&mut self, samples: &[f32]) {
        self.quick.slide(samples);
        for block in samples.chunks(BLOCK) {
            self.decimator.process(block);
            self.fine.slide(self.decimator.samples());
        }
    }

    /// Takes everything since the last tick, and returns the mean rise of all bands, those below the split as one half.
    /// Realtime-safe: yes.
    pub fn tick(&mut self) -> f32 {
        let (quick, fine) = self.inputs.split_at_mut(self.quick_bank.len());
        self.quick.transform();
        self.quick_bank.apply(self.quick.magnitudes(), quick);
        compress(quick, &mut self.quick_level);
        if self.ticks.is_multiple_of(FINE_EVERY) {
            self.fine.transform();
            self.fine_bank.apply(self.fine.magnitudes(), fine);
            compress(fine, &mut self.fine_level);
        }
        self.ticks = self.ticks.wrapping_add(1);
        let quick = &self.inputs[..self.quick_bank.len()];
        for ((rise, now), before) in self.rises.iter_mut().zip(quick).zip(&self.past[0]) {
            *rise = (now - before).max(0.0);
        }
        let mean = |rises: &[f32]| rises.iter().sum::<f32>() / rises.len().max(1) as f32;
        let (low, high) = self.rises.split_at(self.split);
        let drive = (mean(low) + mean(high)) / 2.0;
        self.past.swap(0, 1);
        self.past[1].copy_from_slice(quick);
        drive
    }

    /// How many of these belong to the quick spectrum, which comes first.
    pub fn quick(&self) -> usize {
        self.quick_bank.len()
    }

    /// The rise of each quick band within two ticks.
    pub fn rises(&self) -> &[f32] {
        &self.rises
    }

    /// The net's inputs for this tick.
    pub fn inputs(&self) -> &[f32] {
        &self.inputs
    }
}

/// Programme below this mean amplitude of a band is not scaled up further: noise of about -75 dBFS.
const LEAST_REFERENCE: f32 = 2e-6;

fn compress(bands: &mut [f32], programme: &mut Programme) {
    let scale = programme.scale(bands);
    bands.iter_mut().for_each(|band| *band = (*band * scale).ln_1p());
}
