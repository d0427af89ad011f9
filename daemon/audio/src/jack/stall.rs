//! Detects a server that hangs.

use std::time::{Duration, Instant};

/// Time without a cycle after which a server counts as stopped.
const STALL: Duration = Duration::from_secs(2);

/// Notices when a server has stopped.
pub(super) struct Stall {
    cycles: u64,
    since: Instant,
}

impl Stall {
    pub(super) fn new(cycles: u64) -> Self {
        Self { cycles, since: Instant::now() }
    }

    /// Takes the number of cycles so far; true if it has not changed for too long.
    pub(super) fn has_lasted(&mut self, cycles: u64) -> bool {
        if cycles != self.cycles {
            *self = Self::new(cycles);
        }
        self.since.elapsed() > STALL
    }
}
