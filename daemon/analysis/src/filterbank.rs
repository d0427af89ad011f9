//! Overlapping triangles over the bins of a spectrum.

/// Triangular filters, each kept as the bins where it is not zero.
#[derive(Clone, Debug)]
pub(crate) struct Filterbank {
    bands: Vec<Band>,
    weights: Vec<f32>,
}

#[derive(Clone, Debug)]
struct Band {
    centre: f64,
    first: usize,
    weights: std::ops::Range<usize>,
}

impl Filterbank {
    /// Triangles on the mel scale of Slaney and O'Shaughnessy, `2595 log10(1 + f/700)`, from 30 Hz to 16 kHz at any
    /// sample rate; those above half of it stay empty.
    pub fn mel(bands: usize, bins: usize, bin_hertz: f64) -> Self {
        let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
        let hertz = |mel: f64| 700.0 * (10f64.powf(mel / 2595.0) - 1.0);
        let (low, high) = (mel(30.0), mel(16_000.0));
        let edges: Vec<f64> =
            (0..bands + 2).map(|k| hertz(low + (high - low) * k as f64 / (bands + 1) as f64)).collect();
        Self::triangles(&edges, bins, bin_hertz)
    }

    /// Triangles a twelfth of an octave apart where the bins are finer than that, and one bin apart below, from 30 Hz
    /// to 16 kHz: the scale of SuperFlux (Böck, Widmer 2013), with half its resolution.
    pub fn semitones(bins: usize, bin_hertz: f64) -> Self {
        let top = (16_000.0 / bin_hertz).min((bins - 1) as f64);
        let mut edges: Vec<f64> = (0..)
            .map(|k| (30.0 * 2f64.powf(f64::from(k) / 12.0) / bin_hertz).round())
            .take_while(|bin| *bin <= top)
            .filter(|bin| *bin > 0.0)
            .collect();
        edges.dedup();
        let edges: Vec<f64> = edges.iter().map(|bin| bin * bin_hertz).collect();
        Self::triangles(&edges, bins, bin_hertz)
    }

    /// Triangles an eighth of an octave apart, but at least 25 Hz, from 30 Hz to 16 kHz at any sample rate; each is the
    /// mean of its bins. Those above half the sample rate stay empty.
    pub fn ears(bins: usize, bin_hertz: f64) -> Self {
        let wider = |hertz: &f64| Some((hertz * 2f64.powf(0.125)).max(hertz + 25.0));
        let edges: Vec<f64> = std::iter::successors(Some(30.0), wider).take_while(|hertz| *hertz < 16_000.0).collect();
        Self::triangles(&edges, bins, bin_hertz).means()
    }

    /// Triangles a semitone apart around a number of notes, a semitone to either side; each is the mean of its bins.
    pub fn notes(lowest_hertz: f64, notes: usize, bins: usize, bin_hertz: f64) -> Self {
        let hertz = |semitone: f64| lowest_hertz * 2f64.powf(semitone / 12.0);
        let edges: Vec<f64> = (0..notes + 2).map(|note| hertz(note as f64 - 1.0)).collect();
        Self::triangles(&edges, bins, bin_hertz).means()
    }

    /// Scales every band so that a flat spectrum keeps its level.
    fn means(mut self) -> Self {
        for band in &self.bands {
            let weights = &mut self.weights[band.weights.clone()];
            let sum: f32 = weights.iter().sum();
            if sum > 0.0 {
                weights.iter_mut().for_each(|weight| *weight /= sum);
            }
        }
        self
    }

    fn triangles(edges: &[f64], bins: usize, bin_hertz: f64) -> Self {
        let mut bank = Self { bands: Vec::new(), weights: Vec::new() };
        for edge in edges.windows(3) {
            let (low, centre, high) = (edge[0], edge[1], edge[2]);
            let first = ((low / bin_hertz).floor() as usize + 1).min(bins);
            let end = ((high / bin_hertz).ceil() as usize).clamp(first, bins);
            let start = bank.weights.len();
            bank.weights.extend((first..end).map(|bin| {
                let hertz = bin as f64 * bin_hertz;
                let weight =
                    if hertz <= centre { (hertz - low) / (centre - low) } else { (high - hertz) / (high - centre) };
                weight as f32
            }));
            bank.bands.push(Band { centre, first, weights: start..bank.weights.len() });
        }
        bank
    }

    /// The number of bands.
    pub fn len(&self) -> usize {
        self.bands.len()
    }

    /// The number of bands, from the lowest, with their centre below a frequency.
    pub fn below(&self, hertz: f64) -> usize {
        self.bands.partition_point(|band| band.centre < hertz)
    }

    /// Sums the bins of each band.
    pub fn apply(&self, bins: &[f32], sums: &mut [f32]) {
        for (sum, band) in sums.iter_mut().zip(&self.bands) {
            let weights = &self.weights[band.weights.clone()];
            *sum = bins[band.first..].iter().zip(weights).map(|(bin, weight)| bin * weight).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangles_of_a_flat_spectrum_add_up_to_one_between_the_outer_centres() {
        let bank = Filterbank::mel(32, 1025, 23.4375);
        let mut total = vec![0.0f32; 1025];
        for bin in 0..1025 {
            let mut one = vec![0.0f32; 1025];
            one[bin] = 1.0;
            let mut sums = [0.0; 32];
            bank.apply(&one, &mut sums);
            total[bin] = sums.iter().sum();
        }
        let inner = total.iter().enumerate().filter(|(bin, _)| (200.0..14_000.0).contains(&(*bin as f64 * 23.4375)));
        inner.for_each(|(bin, sum)| assert!((sum - 1.0).abs() < 1e-5, "bin {bin}: {sum}"));
    }

    #[test]
    fn bands_above_half_the_sample_rate_stay_empty() {
        let bank = Filterbank::mel(32, 257, 15.625);
        let mut sums = [1.0; 32];
        bank.apply(&vec![1.0; 257], &mut sums);
        assert_eq!(sums[31], 0.0);
        assert!(sums[0] > 0.0);
    }

    #[test]
    fn semitones_split_where_they_are_asked_to() {
        let bank = Filterbank::semitones(1025, 23.4375);
        assert!(bank.bands[bank.below(180.0)].centre >= 180.0);
        assert!(bank.bands[bank.below(180.0) - 1].centre < 180.0);
    }
}
