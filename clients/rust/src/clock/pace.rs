//! How often to ask for the time.

use std::time::Duration;

/// Length of the initial burst, in exchanges.
const BURST: u64 = 10;
const BURST_PAUSE: Duration = Duration::from_millis(20);
/// The usual interval.
const PAUSE: Duration = Duration::from_millis(100);
/// On a network where most packets are late, so that fast ones are rare.
const JITTERY_PAUSE: Duration = Duration::from_millis(50);
/// Typical excess of round trips over the shortest in such a network. A wired network stays below, and so does, mostly,
/// one machine with a busy processor.
const JITTERY_NS: f64 = 500_000.0;
/// Number of exchanges in the average.
const OVER: f64 = 20.0;

/// Time until the next question after `count` on this connection: ten in 200 ms, then ten a second.
pub fn pause(count: u64) -> Duration {
    if count < BURST { BURST_PAUSE } else { PAUSE }
}

/// When to ask next. Pure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    asked: u64,
    shortest_ns: Option<f64>,
    excess_ns: f64,
}

impl Pace {
    /// Starts with a burst.
    pub fn new() -> Self {
        Self::default()
    }

    /// An exchange is complete.
    pub fn heard(&mut self, round_trip: Duration) {
        let took = round_trip.as_nanos() as f64;
        // After a while, a longer path becomes the shortest.
        let shortest = self.shortest_ns.map_or(took, |before| took.min(before + (took - before) * 1e-3));
        self.shortest_ns = Some(shortest);
        self.excess_ns += (took - shortest - self.excess_ns) / OVER;
    }

    /// Counts a question. Returns the time until the next one.
    pub fn asked(&mut self) -> Duration {
        let usual = pause(self.asked);
        self.asked += 1;
        if self.excess_ns > JITTERY_NS { usual.min(JITTERY_PAUSE) } else { usual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(round_trips: impl Iterator<Item = u64>) -> Duration {
        let mut pace = Pace::new();
        round_trips.fold(Duration::ZERO, |_, micros| {
            pace.heard(Duration::from_micros(micros));
            pace.asked()
        })
    }

    #[test]
    fn a_burst_then_ten_a_second_and_twenty_where_packets_are_late() {
        let mut pace = Pace::new();
        assert_eq!((0..10).map(|_| pace.asked().as_millis()).collect::<Vec<_>>(), [20; 10]);
        assert_eq!(pace.asked(), PAUSE);
        assert_eq!(after((0..200).map(|k| 200 + k % 7 * 50)), PAUSE);
        assert_eq!(after((0..200).map(|k| 2_000 + k * 7_919 % 4_000)), JITTERY_PAUSE);
    }

    #[test]
    fn one_late_packet_changes_nothing_and_a_longer_way_is_no_jitter() {
        assert_eq!(after((0..100).map(|k| if k == 98 { 5_000 } else { 300 })), PAUSE);
        assert_eq!(after((0..3_000).map(|k| if k < 100 { 300 } else { 1_500 })), PAUSE);
    }
}
