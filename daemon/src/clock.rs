//! The show clock: on a daemon that leads from the start, this machine's monotonic clock plus a fixed offset; on a
//! standby, the followed clock of the leader, which continues without a step when the standby takes over.

use downbeat_client::clock::Line;
use downbeat_protocol::{HostTime, ShowTime};
use std::sync::{Arc, PoisonError, RwLock};

pub use downbeat_peer::host::host_now;

/// Converts between this machine's clock and the show's. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ShowClock(Arc<RwLock<Line>>);

impl ShowClock {
    /// The clock of a show that began `offset` nanoseconds before the machine's clock did.
    pub fn new(offset: i64) -> Self {
        let clock = Self::default();
        clock.follow(Line::through(HostTime::ZERO, ShowTime(offset), 0.0));
        clock
    }

    /// Switches to another line.
    pub fn follow(&self, line: Line) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = line;
    }

    /// The show time of a moment on this machine.
    pub fn show(&self, host: HostTime) -> ShowTime {
        self.line().show(host)
    }

    /// This machine's time at a moment of the show.
    pub fn host(&self, show: ShowTime) -> HostTime {
        self.line().host(show)
    }

    /// Show time now.
    pub fn now(&self) -> ShowTime {
        self.show(host_now())
    }

    /// Returns a copy, so that the lock is held only briefly.
    fn line(&self) -> Line {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}
