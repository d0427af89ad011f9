//! The one filter: a state-variable filter with low, band and high outputs that stays well-behaved when swept.

use super::{RATE, cosine, sine};

/// Topology-preserving state-variable filter (Zavalishin, "The Art of VA Filter Design", 2012).
pub struct Filter {
    first: f64,
    second: f64,
    g: f64,
    damping: f64,
    scale: f64,
}

impl Filter {
    /// A filter at `hertz` (kept within 20 Hz and 0.45 of the sample rate); `q` of 0.7 has no peak.
    pub fn new(hertz: f64, q: f64) -> Self {
        let mut filter = Self { first: 0.0, second: 0.0, g: 0.0, damping: 1.0 / q, scale: 0.0 };
        filter.tune(hertz);
        filter
    }

    /// Moves the corner.
    pub fn tune(&mut self, hertz: f64) {
        let half_turn = hertz.clamp(20.0, 0.45 * RATE) / RATE * 0.5;
        self.g = sine(half_turn) / cosine(half_turn);
        self.scale = 1.0 / (1.0 + self.g * (self.g + self.damping));
    }

    /// What lies below the corner.
    pub fn low(&mut self, input: f64) -> f64 {
        self.step(input).0
    }

    /// What lies around the corner.
    pub fn band(&mut self, input: f64) -> f64 {
        self.step(input).1 * self.damping
    }

    /// What lies above the corner.
    pub fn high(&mut self, input: f64) -> f64 {
        self.step(input).2
    }

    fn step(&mut self, input: f64) -> (f64, f64, f64) {
        let high = (input - (self.damping + self.g) * self.first - self.second) * self.scale;
        let band = self.g * high + self.first;
        let low = self.g * band + self.second;
        self.first = self.g * high + band;
        self.second = self.g * band + low;
        (low, band, high)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sine;
    use super::*;

    #[test]
    fn a_tone_above_the_corner_is_cut_and_one_below_passes() {
        let level = |hertz: f64| {
            let (mut filter, mut tone) = (Filter::new(1000.0, 0.7), Sine::default());
            (0..9600).map(|_| filter.low(tone.next(hertz, 0.0))).skip(4800).fold(0.0, |peak: f64, x| peak.max(x.abs()))
        };
        assert!((level(100.0) - 1.0).abs() < 0.02);
        assert!(level(8000.0) < 0.03);
    }
}
