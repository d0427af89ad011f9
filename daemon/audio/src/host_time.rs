//! This machine's clock, as a number.

/// `CLOCK_MONOTONIC` now, in nanoseconds.
///
/// Realtime-safe: yes. On Linux it is read from a page shared with the kernel, without a system call.
pub(crate) fn host_now_ns() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing, and CLOCK_MONOTONIC exists on every Linux.
    #[expect(unsafe_code, reason = "the standard library's Instant hides the number that JACK's times compare with")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    }
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
