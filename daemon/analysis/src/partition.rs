//! A spectrum divided into adjacent bands.

use crate::Settings;
use crate::dot::dot;
use crate::spectrum::Spectrum;

/// Bands of a power spectrum, each from one frequency to the next; the bins at the edges count in part.
pub(crate) struct Partition {
    bands: Vec<Band>,
}

struct Band {
    first: usize,
    shares: Vec<f32>,
}

impl Partition {
    /// Bands between rising `edges`, in Hz. Those above the last bin stay empty.
    pub fn new(edges: &[f64], bins: usize, bin_hertz: f64) -> Self {
        let band = |edges: &[f64]| {
            // Bin k covers half a bin below to half a bin above its centre.
            let (low, high) = (edges[0] / bin_hertz + 0.5, edges[1] / bin_hertz + 0.5);
            let first = (low.floor() as usize).min(bins);
            let end = (high.ceil() as usize).clamp(first, bins);
            let share = |bin: usize| ((bin as f64 + 1.0).min(high) - (bin as f64).max(low)).max(0.0) as f32;
            Band { first, shares: (first..end).map(share).collect() }
        };
        Self { bands: edges.windows(2).map(band).collect() }
    }

    /// The same for the power spectrum of a frame.
    pub fn of_frame(edges: &[f64], settings: &Settings) -> Self {
        let (bins, bin_hertz) = Spectrum::layout(settings.sample_rate);
        Self::new(edges, bins, bin_hertz)
    }

    /// The power in each band.
    pub fn apply(&self, power: &[f32], sums: &mut [f32]) {
        for (sum, band) in sums.iter_mut().zip(&self.bands) {
            *sum = dot(&power[band.first..], &band.shares);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_of_an_even_spectrum_has_the_power_of_its_width() {
        let partition = Partition::new(&[20.0, 60.0, 120.0, 8_000.0, 20_000.0], 1_025, 23.4375);
        let mut sums = [0.0; 4];
        partition.apply(&vec![1.0; 1_025], &mut sums);
        for (sum, width) in sums.iter().zip([40.0, 60.0, 7_880.0, 12_000.0]) {
            assert!((sum * 23.4375 / width - 1.0f32).abs() < 1e-3, "{sums:?}");
        }
    }

    #[test]
    fn bands_above_half_the_sample_rate_stay_empty() {
        let partition = Partition::new(&[2_000.0, 6_000.0, 8_000.0], 257, 15.625);
        let mut sums = [1.0; 2];
        partition.apply(&vec![1.0; 257], &mut sums);
        assert!(sums[0] > 0.0 && sums[1] == 0.0, "{sums:?}");
    }
}
