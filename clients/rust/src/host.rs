//! This machine's clock.

use downbeat_protocol::HostTime;

/// `CLOCK_MONOTONIC` now. Only edges call it; cores are given the time.
pub fn host_now() -> HostTime {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing, and CLOCK_MONOTONIC exists on every Linux.
    #[expect(
        unsafe_code,
        reason = "the standard library's Instant hides the number that other processes can compare with"
    )]
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    }
    HostTime(time.tv_sec * 1_000_000_000 + time.tv_nsec)
}
