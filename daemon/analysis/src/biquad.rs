//! Second-order filters: the K weighting of loudness, the DC blocker, and the crossover for polarity.

use std::f64::consts::PI;

/// The level below which a filter's state falls to zero: far under every sample, far above the slow denormal numbers.
const QUIET: f64 = 1e-30;

/// Corner and quality of the K weighting's high-pass.
const K_CORNER: f64 = 38.135_470_876_024_44;
const K_QUALITY: f64 = 0.500_327_037_323_877_3;

/// A second-order section, transposed direct form II, in double precision because of low corners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    /// Both stages of the K weighting of ITU-R BS.1770-4, annex 1, for any sample rate: a shelf for the head and a
    /// high-pass. The standard gives coefficients for 48 kHz only; these are the analogue parameters behind them, as
    /// found by B. De Man ("Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018).
    pub fn k_weighting(sample_rate: f64) -> [Self; 2] {
        let mut high_pass = Self::high_pass(K_CORNER, K_QUALITY, sample_rate);
        // The standard's high-pass has a numerator of 1, -2, 1, which is slightly more than unity gain at 48 kHz. Other
        // rates get the same gain.
        let gain = 1.0 + warp(K_CORNER, 48_000.0) / K_QUALITY + warp(K_CORNER, 48_000.0).powi(2);
        high_pass.b = high_pass.b.map(|b| b * gain);
        [Self::head_shelf(sample_rate), high_pass]
    }

    /// High-pass at `corner` Hz; second order with quality `q`. Unity gain far above.
    pub fn high_pass(corner: f64, q: f64, sample_rate: f64) -> Self {
        let k = warp(corner, sample_rate);
        let a0 = 1.0 + k / q + k * k;
        Self {
            b: [1.0 / a0, -2.0 / a0, 1.0 / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
            state: [0.0; 2],
        }
    }

    /// Low-pass at `corner` Hz; second order with quality `q`. Unity gain far below.
    pub fn low_pass(corner: f64, q: f64, sample_rate: f64) -> Self {
        let k = warp(corner, sample_rate);
        let a0 = 1.0 + k / q + k * k;
        Self {
            b: [k * k / a0, 2.0 * k * k / a0, k * k / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
            state: [0.0; 2],
        }
    }

    fn head_shelf(sample_rate: f64) -> Self {
        let (corner, gain_db, q) = (1_681.974_450_955_533, 3.999_843_853_973_347, 0.707_175_236_955_419_6);
        let k = warp(corner, sample_rate);
        let high = 10f64.powf(gain_db / 20.0);
        let band = high.powf(0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        Self {
            b: [(high + band * k / q + k * k) / a0, 2.0 * (k * k - high) / a0, (high - band * k / q + k * k) / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
            state: [0.0; 2],
        }
    }

    /// The next sample.
    #[inline]
    pub fn run(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }

    /// Call it now and then: ends a decay that would continue in slow denormal numbers.
    pub fn settle(&mut self) {
        for state in &mut self.state {
            if state.abs() < QUIET {
                *state = 0.0;
            }
        }
    }
}

/// The bilinear transform's frequency.
fn warp(corner: f64, sample_rate: f64) -> f64 {
    (PI * corner / sample_rate).tan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_48_khz_the_k_weighting_has_the_coefficients_of_the_standard() {
        let [shelf, high_pass] = Biquad::k_weighting(48_000.0);
        let close = |ours: &[f64], standard: &[f64]| {
            ours.iter().zip(standard).all(|(ours, standard)| (ours - standard).abs() < 1e-8)
        };
        // ITU-R BS.1770-4, tables 1 and 2.
        assert!(close(&shelf.b, &[1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85]));
        assert!(close(&shelf.a, &[-1.690_659_293_182_41, 0.732_480_774_215_85]));
        assert!(close(&high_pass.b, &[1.0, -2.0, 1.0]));
        assert!(close(&high_pass.a, &[-1.990_047_454_833_98, 0.990_072_250_366_21]));
    }

    #[test]
    fn a_decay_ends_in_zero_instead_of_denormal_numbers() {
        let mut filter = Biquad::high_pass(10.0, 0.707, 48_000.0);
        filter.run(1.0);
        for _ in 0..200_000 {
            filter.run(0.0);
            filter.settle();
        }
        assert_eq!(filter.state, [0.0, 0.0]);
    }
}
