//! Whether the system holds back the datagrams that it has taken. Pure: time is an argument.
//!
//! While it asks the network for the hardware address of a host (ARP, NDP), for seconds if that is off, it goes on taking
//! datagrams, and sends them all at once when the host answers.

use crate::dispatch::LANDS;
use downbeat_protocol::HostTime;
use std::time::Duration;

/// Longer than the system asks: three times, a second apart. What is held for longer is held for another reason, such as a
/// driver that reports late what it has sent, and does not keep others from being sent.
const ASKS: Duration = Duration::from_secs(5);

/// What a socket has not sent yet, and since when at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    bytes: usize,
    since: HostTime,
}

impl Held {
    /// Takes the number of bytes that the system holds, before each datagram. Returns whether another one would not land
    /// in time.
    pub fn is_stuck(&mut self, bytes: usize, now: HostTime) -> bool {
        if bytes == 0 || bytes < self.bytes || now > self.since + ASKS {
            self.since = now;
        }
        self.bytes = bytes;
        now > self.since + LANDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_host_that_is_asked_for_is_waited_for_and_not_for_ever() {
        let mut held = Held::default();
        assert!(!held.is_stuck(0, at(60_000)));
        // A datagram every 20 ms, until that has no use.
        let stuck = (1..100).find(|turn| held.is_stuck(768 * *turn as usize, at(60_000 + 20 * turn)));
        assert_eq!(stuck, Some(5));
        assert!(held.is_stuck(3_840, at(63_000)));
        assert!(!held.is_stuck(0, at(63_020)), "it is there");
        assert!(!held.is_stuck(768, at(63_040)) && held.is_stuck(768, at(68_000)) && !held.is_stuck(768, at(68_021)));
    }

    #[test]
    fn a_busy_card_that_always_has_something_to_send_holds_nothing_back() {
        let mut held = Held::default();
        assert!(!held.is_stuck(0, at(0)));
        assert!((1..1_000).all(|turn| !held.is_stuck(768 * (8 - turn as usize % 8), at(turn))));
    }
}
