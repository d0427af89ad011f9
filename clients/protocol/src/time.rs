//! The two clocks, as separate types so that they cannot be confused.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

macro_rules! nanoseconds {
    ($name:ident) => {
        impl $name {
            /// The origin of this clock.
            pub const ZERO: Self = Self(0);

            /// From seconds; saturates far beyond any show (292 years).
            pub fn from_secs_f64(seconds: f64) -> Self {
                Self((seconds * 1e9).round() as i64)
            }

            /// In seconds.
            pub fn as_secs_f64(self) -> f64 {
                self.0 as f64 * 1e-9
            }

            /// Adds a signed number of nanoseconds, saturating at the ends of the clock.
            pub fn offset(self, nanoseconds: i64) -> Self {
                Self(self.0.saturating_add(nanoseconds))
            }

            /// Nanoseconds since `earlier`; negative if `earlier` is later.
            pub fn since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0)
            }

            /// Time to wait from `self` until `later`; zero if that has passed.
            pub fn until(self, later: Self) -> Duration {
                Duration::from_nanos(u64::try_from(later.since(self)).unwrap_or(0))
            }
        }

        impl Add<Duration> for $name {
            type Output = Self;
            fn add(self, rhs: Duration) -> Self {
                self.offset(i64::try_from(rhs.as_nanos()).unwrap_or(i64::MAX))
            }
        }

        impl AddAssign<Duration> for $name {
            fn add_assign(&mut self, rhs: Duration) {
                *self = *self + rhs;
            }
        }

        impl Sub<Duration> for $name {
            type Output = Self;
            fn sub(self, rhs: Duration) -> Self {
                self.offset(-i64::try_from(rhs.as_nanos()).unwrap_or(i64::MAX))
            }
        }
    };
}

/// Nanoseconds of this machine's `CLOCK_MONOTONIC`. Meaningless on another machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostTime(pub i64);
nanoseconds!(HostTime);

/// Nanoseconds of the show, the same on every node. Defined by the leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShowTime(pub i64);
nanoseconds!(ShowTime);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_a_moment_that_has_passed_takes_no_time() {
        let now = ShowTime::from_secs_f64(2.0);
        assert_eq!(now.until(ShowTime::from_secs_f64(1.0)), Duration::ZERO);
        assert_eq!(now.until(ShowTime::from_secs_f64(2.5)), Duration::from_millis(500));
    }
}
