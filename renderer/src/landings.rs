//! How late frames were handed over. Pure.

use downbeat_protocol::quantile;
use std::collections::VecDeque;

/// Frames remembered: ten seconds at 60 frames a second.
const FRAMES: usize = 600;

/// The lateness of the last frames, in nanoseconds; negative when early.
#[derive(Clone, Debug, Default)]
pub struct Landings {
    late: VecDeque<i64>,
}

impl Landings {
    /// Adds a frame's lateness.
    pub fn add(&mut self, late_ns: i64) {
        if self.late.len() == FRAMES {
            self.late.pop_front();
        }
        self.late.push_back(late_ns);
    }

    /// Percentiles of the lateness, in milliseconds. Zero before the first frame.
    pub fn percentiles_ms<const N: usize>(&self, percents: [usize; N]) -> [f64; N] {
        let late = || self.late.iter().map(|late| *late as f64);
        percents.map(|percent| quantile(late(), percent as f64 / 100.0).unwrap_or(0.0) * 1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_last_frames() {
        let mut landings = Landings::default();
        assert_eq!(landings.percentiles_ms([50]), [0.0]);
        (0..600).for_each(|_| landings.add(90_000_000));
        (1..=600).for_each(|late| landings.add(late * 1_000_000));
        for (told, expected) in landings.percentiles_ms([50, 99, 100]).into_iter().zip([300.5, 594.01, 600.0]) {
            assert!((told - expected).abs() < 1e-6, "{told} ms instead of {expected}");
        }
    }
}
