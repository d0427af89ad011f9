//! The latency of an output: its messages leave that much earlier.

use downbeat_protocol::HostTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Delay from which a message counts as late: half a video frame at 240 Hz, and less than a MIDI clock tick at any
/// tempo.
pub const LATE: Duration = Duration::from_millis(2);

/// Delay from which a pulse no longer belongs to its beat, and is not sent: a flash this long after its sound is not
/// acceptable as one event with it (ITU-R BT.1359-1: sound may be ahead of a picture by at most 90 ms).
pub const LANDS: Duration = Duration::from_millis(90);

/// Maximum latency in a configuration, in milliseconds.
const MAX_MS: f64 = 10_000.0;

/// Time from leaving the daemon to being seen or heard. Negative for what would otherwise be too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Latency {
    ns: i64,
}

impl Latency {
    /// When something due at `due` must leave.
    pub fn leave(self, due: HostTime) -> HostTime {
        due.offset(-self.ns)
    }

    /// The due time of something that leaves at `now`.
    pub fn arrive(self, now: HostTime) -> HostTime {
        now.offset(self.ns)
    }
}

impl TryFrom<f64> for Latency {
    type Error = String;

    fn try_from(ms: f64) -> Result<Self, String> {
        if ms.is_finite() && ms.abs() <= MAX_MS {
            Ok(Self { ns: (ms * 1e6).round() as i64 })
        } else {
            Err(format!("latency-ms is {ms}; choose -{MAX_MS} to {MAX_MS} milliseconds"))
        }
    }
}

impl From<Latency> for f64 {
    fn from(latency: Latency) -> f64 {
        latency.ns as f64 * 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_leaves_early_and_the_other_way_round() {
        let slow = Latency::try_from(12.5).expect("a latency");
        assert_eq!(slow.leave(HostTime(100_000_000)), HostTime(87_500_000));
        assert_eq!(slow.arrive(slow.leave(HostTime(7))), HostTime(7));
        let early = Latency::try_from(-1.0).expect("a latency");
        assert_eq!(early.leave(HostTime::ZERO), HostTime(1_000_000));
    }

    #[test]
    fn an_absurd_latency_is_refused_with_its_limits() {
        let error = Latency::try_from(f64::NAN).expect_err("not a number");
        assert!(error.contains("-10000 to 10000"), "{error}");
    }
}
