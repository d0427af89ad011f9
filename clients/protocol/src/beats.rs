//! Musical time in integer micro-beats, so that sums never drift.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// A position or a distance in beats, in millionths of a beat.
///
/// One beat is the unit of the [`Timeline`](crate::Timeline), usually a quarter note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Beats(pub i64);

impl Beats {
    /// Micro-beats in a beat.
    pub const MICRO: i64 = 1_000_000;
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One beat.
    pub const ONE: Self = Self(Self::MICRO);

    /// A whole number of beats.
    pub const fn whole(beats: i64) -> Self {
        Self(beats * Self::MICRO)
    }

    /// To the nearest micro-beat.
    pub fn from_f64(beats: f64) -> Self {
        Self((beats * Self::MICRO as f64).round() as i64)
    }

    /// As a number of beats; exact below 2³³ beats.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / Self::MICRO as f64
    }

    /// The number of the beat that this position lies in (rounded towards minus infinity).
    pub fn floor(self) -> i64 {
        self.0.div_euclid(Self::MICRO)
    }

    /// The nearest whole beat.
    pub fn round(self) -> i64 {
        (self.0 + Self::MICRO / 2).div_euclid(Self::MICRO)
    }

    /// Position within a cycle of `length`, in `[0, 1)`. Zero for a cycle of no length.
    pub fn phase(self, length: Beats) -> f64 {
        if length.0 <= 0 {
            return 0.0;
        }
        self.0.rem_euclid(length.0) as f64 / length.0 as f64
    }
}

impl Add for Beats {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0.saturating_add(rhs.0))
    }
}

impl Sub for Beats {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self(self.0.saturating_sub(rhs.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phase_runs_forward_before_the_origin_too() {
        assert_eq!(Beats::from_f64(-0.25).phase(Beats::ONE), 0.75);
        assert_eq!(Beats::from_f64(5.5).phase(Beats::whole(4)), 0.375);
        assert_eq!(Beats::from_f64(-0.25).floor(), -1);
    }
}
