//! A sliding sum over a span of time, hop by hop.

use crate::Settings;

/// A sliding sum of fixed length in seconds. The length need not be a whole number of hops: the oldest hop counts in
/// part.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    ring: Vec<f64>,
    at: usize,
    /// Everything in the ring except the oldest hop.
    sum: f64,
    /// The part of the oldest hop in the span.
    part: f64,
    hops: f64,
}

impl Span {
    /// An empty span.
    pub fn new(seconds: f64, settings: &Settings) -> Self {
        let hops = (seconds / settings.hop_seconds()).max(1.0);
        let whole = hops.floor() as usize;
        Self { ring: vec![0.0; whole + 1], at: 0, sum: 0.0, part: hops - hops.floor(), hops }
    }

    /// Adds the next hop's value and returns the mean over the span, with zeros before the first hop.
    pub fn mean(&mut self, value: f64) -> f64 {
        self.ring[self.at] = value;
        self.at = (self.at + 1) % self.ring.len();
        let oldest = self.ring[self.at];
        self.sum += value - oldest;
        if self.at == 0 {
            // Once around: computes the sum anew, so that rounding errors do not build up overnight.
            self.sum = self.ring[1..].iter().sum();
        }
        ((self.sum + self.part * oldest) / self.hops).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(hop: usize) -> Settings {
        Settings { sample_rate: 8_000.0, hop, ..Settings::default() }
    }

    #[test]
    fn the_mean_of_a_constant_is_the_constant_once_the_span_is_full() {
        let mut span = Span::new(0.4, &settings(1000));
        let means: Vec<f64> = (0..6).map(|_| span.mean(2.0)).collect();
        assert!((means[0] - 2.0 / 3.2).abs() < 1e-12);
        assert!(means[3..].iter().all(|mean| (mean - 2.0).abs() < 1e-12), "{means:?}");
    }

    #[test]
    fn the_oldest_hop_counts_for_the_part_that_is_inside() {
        let mut span = Span::new(0.4, &settings(1000));
        span.mean(1.0);
        let means: Vec<f64> = (0..4).map(|_| span.mean(0.0) * 3.2).collect();
        for (mean, wanted) in means.iter().zip([1.0, 1.0, 0.2, 0.0]) {
            assert!((mean - wanted).abs() < 1e-12, "{means:?}");
        }
    }

    #[test]
    fn rounding_errors_do_not_pile_up() {
        let mut span = Span::new(0.4, &settings(64));
        for k in 0..10_000 {
            span.mean(1e9 / f64::from(k % 97 + 1));
        }
        let quiet = (0..200).map(|_| span.mean(1e-12)).last().unwrap();
        assert!((quiet - 1e-12).abs() < 1e-15, "{quiet}");
    }
}
