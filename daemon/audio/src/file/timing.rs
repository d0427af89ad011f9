//! The capture time of a file's samples.

/// A sample rate and the moment of sample 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// `CLOCK_MONOTONIC` in nanoseconds.
    pub(super) start_host_ns: i64,
    /// Samples per second.
    pub(super) sample_rate: u32,
}

impl Timing {
    /// The time of a sample, `CLOCK_MONOTONIC` in nanoseconds. Counted from the start, so that errors do not add up.
    pub(super) fn host_ns(self, sample: u64) -> i64 {
        let since_start = u128::from(sample) * 1_000_000_000 / u128::from(self.sample_rate);
        self.start_host_ns.saturating_add(i64::try_from(since_start).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_odd_blocks_ends_on_time() {
        let timing = Timing { start_host_ns: 5, sample_rate: 44_100 };
        let day = 24 * 3600;
        assert_eq!(timing.host_ns(44_100 * day), 5 + day as i64 * 1_000_000_000);
        assert_eq!(timing.host_ns(147) - 5, 3_333_333);
    }
}
