//! Whether a connection still carries what is written to it. Pure: time is an argument.
//!
//! After a cable is pulled, the system goes on taking bytes, and delivers them all when it is back, seconds late. What it
//! has taken can not be withdrawn; so nothing more is written than must be, once the other side stops acknowledging.

use downbeat_protocol::HostTime;
use std::time::Duration;

/// The longest that a receiver in order waits before it acknowledges: 200 ms on Windows and macOS, 40 ms on Linux (RFC
/// 1122 allows 500 ms), and a round trip of Wi-Fi.
const STALLED: Duration = Duration::from_millis(300);

/// What the other side has acknowledged, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    written: u64,
    acknowledged: u64,
    /// When that last grew, or when there was nothing to acknowledge.
    at: HostTime,
}

impl Progress {
    /// Bytes were written.
    pub fn write(&mut self, bytes: usize) {
        self.written += bytes as u64;
    }

    /// Takes the number of bytes that are not acknowledged yet. Returns whether nothing gets through.
    pub fn has_stalled(&mut self, waiting: usize, now: HostTime) -> bool {
        let acknowledged = self.written.saturating_sub(waiting as u64);
        if waiting == 0 || acknowledged > self.acknowledged {
            (self.acknowledged, self.at) = (acknowledged, now);
        }
        now > self.at + STALLED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_receiver_that_acknowledges_late_has_not_stalled_and_one_that_never_does_has() {
        let mut progress = Progress::default();
        // A packet every 33 ms; each is acknowledged 200 ms later.
        for packet in 0..100 {
            let outstanding = (packet as usize).min(6) * 40;
            assert!(!progress.has_stalled(outstanding, at(packet * 33)), "at packet {packet}");
            progress.write(40);
        }
        // The cable is pulled.
        let stalled = (100..200).find(|packet| {
            let outstanding = (*packet as usize - 100 + 6) * 40;
            let stalled = progress.has_stalled(outstanding, at(packet * 33));
            progress.write(40);
            stalled
        });
        assert!(stalled.is_some_and(|packet| (109..112).contains(&packet)), "{stalled:?}");
        assert!(!progress.has_stalled(0, at(9_000)), "it is back");
    }

    #[test]
    fn a_connection_that_was_idle_for_long_has_not_stalled() {
        let mut progress = Progress::default();
        assert!(!progress.has_stalled(0, at(60_000)));
        progress.write(40);
        assert!(!progress.has_stalled(40, at(60_100)));
        assert!(!progress.has_stalled(0, at(120_000)));
    }
}
