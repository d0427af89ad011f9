//! The offset between JACK's clock and this machine's.
//!
//! JACK counts microseconds of its own clock: jackd2 on Linux that of `CLOCK_MONOTONIC_RAW`, which, unlike
//! `CLOCK_MONOTONIC`, is not slewed to the time of day, so that the two drift apart by some 10 microseconds each second
//! (1.9.21: a quarter of a second after an hour). Other servers may use other clocks. So the difference is measured
//! repeatedly: a reading of JACK's clock between two of ours limits it to an interval, and many such intervals have a
//! narrow intersection.

use crate::host_time::host_now_ns;

/// Number of readings: enough that a few of them are not interrupted.
const READINGS: usize = 32;

/// A reading of JACK's clock between two of ours.
#[derive(Clone, Copy, Debug)]
struct Reading {
    before_ns: i64,
    jack_us: u64,
    after_ns: i64,
}

/// Measures the offset from JACK's time to `CLOCK_MONOTONIC`, in nanoseconds. Realtime-safe: no (it takes a while).
pub(super) fn measure_offset_ns(jack_time_us: impl Fn() -> u64) -> i64 {
    let reading = |_| Reading { before_ns: host_now_ns(), jack_us: jack_time_us(), after_ns: host_now_ns() };
    offset_ns((0..READINGS).map(reading))
}

/// The offset that fits all readings; exactly zero if that fits, because the clocks are then the same.
fn offset_ns(readings: impl Iterator<Item = Reading>) -> i64 {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    for reading in readings {
        let jack_ns = (reading.jack_us as i64).saturating_mul(1000);
        // The reading is truncated: its moment is up to a microsecond later.
        low = low.max(reading.before_ns.saturating_sub(jack_ns).saturating_sub(1000));
        high = high.min(reading.after_ns.saturating_sub(jack_ns));
    }
    if low <= 0 && high >= 0 {
        return 0;
    }
    // Clocks that run at different speeds may leave no intersection; the middle is still the best guess.
    (i128::from(low) + i128::from(high)).div_euclid(2) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(offset_ns: i64) -> impl Iterator<Item = Reading> {
        (0..READINGS as i64).map(move |index| {
            let before_ns = 10_000_000_000_000 + index * 1_370;
            let jack_us = ((before_ns + 90 - offset_ns) / 1000) as u64;
            Reading { before_ns, jack_us, after_ns: before_ns + 200 }
        })
    }

    #[test]
    fn the_same_clock_has_no_offset() {
        assert_eq!(offset_ns(readings(0)), 0);
        assert_eq!(measure_offset_ns(|| (host_now_ns() / 1000) as u64), 0);
    }

    #[test]
    fn another_clock_is_found_to_a_fraction_of_a_microsecond() {
        for expected in [-7_000_000_000_i64, 123_456_789, 3_600_000_000_000] {
            let offset = offset_ns(readings(expected));
            assert!(offset.abs_diff(expected) < 300, "{offset} instead of {expected}");
        }
    }
}
