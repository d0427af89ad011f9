//! The true start of a JACK cycle: a delay-locked loop over its measured start times.
//!
//! F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005: a second-order loop that follows the phase
//! and the period of a regular event and removes its jitter. JACK's own cycle times have already passed through such a
//! loop, with a bandwidth of 1/8 Hz; the rest is their whole-microsecond steps, and the raw times of other servers.

use std::f64::consts::{PI, SQRT_2};

/// One cycle as estimated by the loop. Times are `CLOCK_MONOTONIC` in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    /// When the cycle began.
    pub(crate) start_ns: i64,
    /// Its length, in nanoseconds: the next one begins then.
    pub(crate) length_ns: f64,
}

/// The loop. Realtime-safe: yes, all of it.
#[derive(Clone, Debug)]
pub(crate) struct Dll {
    bandwidth_hz: f64,
    locked: Option<Locked>,
}

/// The loop's state after its first cycle. Times count from `origin_ns`, so that an `f64` is precise enough.
#[derive(Clone, Debug)]
struct Locked {
    origin_ns: i64,
    nominal_ns: f64,
    next_ns: f64,
    period_ns: f64,
}

impl Dll {
    /// A loop that follows changes slower than `bandwidth_hz` and smooths faster ones.
    pub(crate) fn new(bandwidth_hz: f64) -> Self {
        Self { bandwidth_hz, locked: None }
    }

    /// Resets: the next cycle counts as measured.
    pub(crate) fn reset(&mut self) {
        self.locked = None;
    }

    /// Takes the measured start of a cycle of nominally `period_ns`, and returns the estimate.
    ///
    /// A different nominal period, or an error of more than a whole period, resets the loop.
    pub(crate) fn update(&mut self, measured_ns: i64, period_ns: f64) -> Span {
        let locked = self.locked.take().filter(|locked| locked.follows(measured_ns, period_ns));
        let (span, locked) = match locked {
            Some(locked) => locked.advance(measured_ns, self.bandwidth_hz),
            None => Locked::begin(measured_ns, period_ns),
        };
        self.locked = Some(locked);
        span
    }
}

impl Locked {
    fn begin(measured_ns: i64, period_ns: f64) -> (Span, Self) {
        let locked = Self { origin_ns: measured_ns, nominal_ns: period_ns, next_ns: period_ns, period_ns };
        (Span { start_ns: measured_ns, length_ns: period_ns }, locked)
    }

    fn follows(&self, measured_ns: i64, period_ns: f64) -> bool {
        self.nominal_ns == period_ns && self.error(measured_ns).abs() <= period_ns
    }

    fn error(&self, measured_ns: i64) -> f64 {
        measured_ns.saturating_sub(self.origin_ns) as f64 - self.next_ns
    }

    /// The loop of the paper's section 4, with `t0` and `t1` named `start` and `next`, and `e2` the period.
    fn advance(mut self, measured_ns: i64, bandwidth_hz: f64) -> (Span, Self) {
        let omega = 2.0 * PI * bandwidth_hz * self.nominal_ns * 1e-9;
        let error = self.error(measured_ns);
        let start = self.next_ns;
        self.next_ns += SQRT_2 * omega * error + self.period_ns;
        self.period_ns += omega * omega * error;
        let span = Span { start_ns: self.origin_ns + start.round() as i64, length_ns: self.next_ns - start };
        (span, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD_NS: f64 = 128.0 / 48_000.0 * 1e9;
    const HOUR_NS: i64 = 3_600_000_000_000;

    /// Uniform in ±`amplitude`, the same on every run.
    struct Jitter(u64);

    impl Jitter {
        fn next(&mut self, amplitude: f64) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (2.0 * (self.0 >> 11) as f64 / (1u64 << 53) as f64 - 1.0) * amplitude
        }
    }

    /// RMS of the loop's error in nanoseconds over `cycles` of `real_period_ns`, after a minute to settle.
    fn rms_error(dll: &mut Dll, real_period_ns: f64, jitter_ns: f64, cycles: u32) -> f64 {
        let settle = (60e9 / real_period_ns) as u32;
        let mut jitter = Jitter(1);
        let mut square_sum = 0.0;
        for cycle in 0..settle + cycles {
            let real = HOUR_NS + (f64::from(cycle) * real_period_ns) as i64;
            let span = dll.update(real + jitter.next(jitter_ns) as i64, PERIOD_NS);
            if cycle >= settle {
                square_sum += ((span.start_ns - real) as f64).powi(2);
            }
        }
        (square_sum / f64::from(cycles)).sqrt()
    }

    #[test]
    fn jitter_of_half_a_millisecond_is_smoothed_to_a_tenth() {
        let error = rms_error(&mut Dll::new(1.0), PERIOD_NS, 500_000.0, 20_000);
        let jitter_rms = 500_000.0 / 3f64.sqrt();
        assert!(error < jitter_rms / 7.0, "{error} ns of {jitter_rms} ns");
    }

    #[test]
    fn a_clock_that_runs_a_thousandth_fast_is_followed_without_a_lag() {
        let error = rms_error(&mut Dll::new(1.0), PERIOD_NS * 0.999, 0.0, 1_000);
        assert!(error < 10.0, "{error} ns");
    }

    #[test]
    fn a_step_of_more_than_a_period_is_believed_at_once() {
        let mut dll = Dll::new(1.0);
        dll.update(0, PERIOD_NS);
        dll.update(PERIOD_NS as i64, PERIOD_NS);
        let late = (10.0 * PERIOD_NS) as i64;
        assert_eq!(dll.update(late, PERIOD_NS).start_ns, late);
    }

    #[test]
    fn after_a_reset_the_next_cycle_is_believed_as_measured() {
        let mut dll = Dll::new(1.0);
        dll.update(0, PERIOD_NS);
        dll.reset();
        let jump = (1.5 * PERIOD_NS) as i64;
        assert_eq!(dll.update(jump, PERIOD_NS), Span { start_ns: jump, length_ns: PERIOD_NS });
    }

    #[test]
    fn another_block_size_begins_anew() {
        let mut dll = Dll::new(1.0);
        dll.update(0, PERIOD_NS);
        let measured = (1.2 * PERIOD_NS) as i64;
        assert_eq!(dll.update(measured, 2.0 * PERIOD_NS), Span { start_ns: measured, length_ns: 2.0 * PERIOD_NS });
    }
}
