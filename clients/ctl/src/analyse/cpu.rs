//! CPU time of this thread.

use nix::time::{ClockId, clock_gettime};

/// Seconds of CPU time of the calling thread, from an arbitrary origin; 0 if unknown.
pub fn thread_seconds() -> f64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0.0, |time| time.tv_sec() as f64 + time.tv_nsec() as f64 * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn waiting_takes_no_processor_time_and_work_does() {
        let before = thread_seconds();
        std::thread::sleep(Duration::from_millis(50));
        let rested = thread_seconds();
        assert!(rested - before < 0.025);
        std::hint::black_box((0..3_000_000u64).fold(1.0f64, |sum, k| (sum + k as f64).sqrt()));
        assert!(thread_seconds() > rested);
    }
}
