//! Waits for conditions, and the clock shared by all processes of a machine.

use std::time::{Duration, Instant};

/// `CLOCK_MONOTONIC` in nanoseconds.
pub fn host_now_ns() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing and the clock exists on every Linux.
    #[expect(unsafe_code, reason = "the number behind Instant, to compare with other processes' stamps")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    }
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Asks `condition` until it has an answer; panics with `what` when `limit` has passed.
pub fn wait_for<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
