//! The show clock of a leading daemon: this machine's monotonic clock and a fixed difference.

use downbeat_protocol::{HostTime, ShowTime};

/// Converts between this machine's clock and the show's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShowClock {
    /// Show time at host time zero.
    offset: i64,
}

impl ShowClock {
    /// The clock of a show that began `offset` nanoseconds before the machine's clock did.
    pub fn new(offset: i64) -> Self {
        Self { offset }
    }

    /// The show time of a moment on this machine.
    pub fn show(self, host: HostTime) -> ShowTime {
        ShowTime(host.0.saturating_add(self.offset))
    }

    /// This machine's time at a moment of the show.
    pub fn host(self, show: ShowTime) -> HostTime {
        HostTime(show.0.saturating_sub(self.offset))
    }

    /// Show time now.
    pub fn now(self) -> ShowTime {
        self.show(host_now())
    }
}

/// `CLOCK_MONOTONIC` now. Only edges call it; cores are given the time.
pub fn host_now() -> HostTime {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing, and CLOCK_MONOTONIC exists on every Linux.
    #[expect(unsafe_code, reason = "the standard library's Instant hides the number that JACK's times compare with")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    }
    HostTime(time.tv_sec * 1_000_000_000 + time.tv_nsec)
}
