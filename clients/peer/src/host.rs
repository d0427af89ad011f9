//! This machine's clock.

use downbeat_protocol::HostTime;
use nix::time::{ClockId, clock_gettime};

/// `CLOCK_MONOTONIC` now. Only edges call it; cores are given the time.
pub fn host_now() -> HostTime {
    HostTime(nanoseconds(ClockId::CLOCK_MONOTONIC).unwrap_or(0))
}

/// For how long this machine has slept since it was started, in nanoseconds: `CLOCK_MONOTONIC` stands still meanwhile,
/// `CLOCK_BOOTTIME` does not. None where the system does not say.
pub fn slept_ns() -> Option<i64> {
    Some(nanoseconds(ClockId::CLOCK_BOOTTIME)? - nanoseconds(ClockId::CLOCK_MONOTONIC)?)
}

fn nanoseconds(clock: ClockId) -> Option<i64> {
    let time = clock_gettime(clock).ok()?;
    Some(time.tv_sec() * 1_000_000_000 + time.tv_nsec())
}
