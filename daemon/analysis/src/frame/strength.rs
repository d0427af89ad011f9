//! Onset strength: how surely a sound starts, in the whole and in three regions of the spectrum.

use crate::Settings;
use crate::novelty::Novelty;
use crate::spectrum::Spectrum;

/// A part of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    Full,
    Low,
    Mid,
    High,
}

impl Region {
    pub const ALL: [Self; 4] = [Self::Full, Self::Low, Self::Mid, Self::High];

    /// Its lower and upper frequency, in Hz.
    fn hertz(self) -> (f64, f64) {
        match self {
            Self::Full => (0.0, f64::INFINITY),
            Self::Low => (0.0, 180.0),
            Self::Mid => (180.0, 2_000.0),
            Self::High => (2_000.0, f64::INFINITY),
        }
    }
}

/// The onset strength of all regions.
pub(crate) struct Strengths {
    novelty: Novelty,
    bands: [std::ops::Range<usize>; 4],
    peaks: [Peak; 4],
    values: [f32; 4],
}

/// How far back the spectrum is compared: the length of the window's steep side, so that one onset gives one rise.
const LAG_SECONDS: f64 = 0.011;
/// Memory of the greatest rise.
const PEAK_SECONDS: f64 = 8.0;
/// The mean rise over the bands, in nepers, of full strength even if nothing stronger came before; so that random rises
/// of noise, about a tenth of it, are not scaled up to onsets.
const LEAST_PEAK: f32 = 1.2;

impl Strengths {
    pub fn new(spectrum: &Spectrum, settings: &Settings) -> Self {
        let novelty = Novelty::new(spectrum, settings.hop_seconds(), LAG_SECONDS);
        let bands = Region::ALL.map(|region| {
            let (low, high) = region.hertz();
            novelty.below(low)..novelty.below(high)
        });
        Self { novelty, bands, peaks: [Peak::new(settings); 4], values: [0.0; 4] }
    }

    pub fn process(&mut self, magnitudes: &[f32]) {
        let rises = self.novelty.process(magnitudes);
        for ((value, bands), peak) in self.values.iter_mut().zip(&self.bands).zip(&mut self.peaks) {
            let rises = &rises[bands.clone()];
            // A region above half the sample rate has no bands.
            let mean = rises.iter().sum::<f32>() / rises.len().max(1) as f32;
            *value = peak.ratio(mean);
        }
    }

    /// The strength of a region, 0 to 1.
    pub fn of(&self, region: Region) -> f32 {
        self.values[region as usize]
    }
}

/// Subtracts the usual value and scales by the recent maximum.
#[derive(Clone, Copy, Debug)]
struct Peak {
    peak: f32,
    usual: f32,
    decay: f32,
}

impl Peak {
    fn new(settings: &Settings) -> Self {
        Self { peak: LEAST_PEAK, usual: 0.0, decay: settings.decay(PEAK_SECONDS) }
    }

    fn ratio(&mut self, value: f32) -> f32 {
        self.usual = value + (self.usual - value) * self.decay;
        self.peak = value.max(LEAST_PEAK).max(self.peak * self.decay);
        let room = (self.peak - self.usual).max(LEAST_PEAK);
        ((value - self.usual) / room).clamp(0.0, 1.0)
    }
}
