//! The echo guard: a peer that is moving a fader does not get its own movement back under the finger. Pure.
//!
//! A value that a peer sets is withheld from that peer until the fader has rested for a moment; then it gets the final
//! value as the show has it. All other peers get every value at once.

use downbeat_protocol::{HostTime, Value};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// A fader that has not moved for this long counts as released.
pub const HOLD: Duration = Duration::from_millis(100);
/// Maximum of faders that one peer moves at one time. Beyond that a value is simply echoed.
const FADERS: usize = 64;
/// Maximum of faders moved by peers that are not known to receive.
const OF_STRANGERS: usize = 256;

/// The faders in motion, and their peers.
#[derive(Debug, Default)]
pub struct Guard {
    held: BTreeMap<(SocketAddr, String), Held>,
}

#[derive(Debug)]
struct Held {
    until: HostTime,
    newest: Option<Value>,
}

impl Guard {
    /// Whether a peer may move one more fader: strangers take no room from those that are known.
    pub fn has_room(&self, peer: SocketAddr, is_known: bool) -> bool {
        let own = self.held.range((peer, String::new())..).take_while(|((of, _), _)| *of == peer);
        own.count() < FADERS && (is_known || self.held.len() < OF_STRANGERS)
    }

    /// A peer has set something.
    pub fn moved(&mut self, peer: SocketAddr, address: &str, now: HostTime) {
        let held = self.held.entry((peer, address.to_owned())).or_insert(Held { until: now, newest: None });
        held.until = now + HOLD;
    }

    /// Whether a peer may get this now. If not, the value is kept for later.
    pub fn admits(&mut self, peer: SocketAddr, address: &str, value: &Value) -> bool {
        if self.held.is_empty() {
            return true;
        }
        match self.held.get_mut(&(peer, address.to_owned())) {
            Some(held) => {
                held.newest = Some(value.clone());
                false
            }
            None => true,
        }
    }

    /// Passes on the values kept for peers that have released their faders.
    pub fn release(&mut self, now: HostTime, tell: &mut impl FnMut(SocketAddr, &str, &Value)) {
        self.held.retain(|(peer, address), held| {
            if held.until > now {
                return true;
            }
            if let Some(value) = &held.newest {
                tell(*peer, address, value);
            }
            false
        });
    }

    /// When [`release`](Self::release) is next needed.
    pub fn wake_at(&self) -> Option<HostTime> {
        self.held.values().map(|held| held.until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], port))
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    fn release(guard: &mut Guard, ms: i64) -> Vec<(SocketAddr, f64)> {
        let mut told = Vec::new();
        guard.release(at(ms), &mut |peer, _, value| told.push((peer, value.number().expect("a number"))));
        told
    }

    #[test]
    fn the_finger_feels_nothing_until_it_lets_go_and_then_the_final_value() {
        let mut guard = Guard::default();
        for (ms, value) in [(0, 0.1), (60, 0.2), (120, 0.3)] {
            guard.moved(peer(1), "/param/glow", at(ms));
            assert!(!guard.admits(peer(1), "/param/glow", &value.into()));
        }
        assert_eq!(release(&mut guard, 219), []);
        assert_eq!(guard.wake_at(), Some(at(220)));
        assert_eq!(release(&mut guard, 220), [(peer(1), 0.3)]);
        assert!(guard.admits(peer(1), "/param/glow", &0.4.into()));
    }

    #[test]
    fn everybody_else_and_every_other_fader_is_told_at_once() {
        let mut guard = Guard::default();
        guard.moved(peer(1), "/param/glow", at(0));
        assert!(guard.admits(peer(2), "/param/glow", &0.1.into()));
        assert!(guard.admits(peer(1), "/param/hue", &0.1.into()));
    }

    #[test]
    fn a_fader_whose_value_was_not_taken_gets_nothing_back() {
        let mut guard = Guard::default();
        guard.moved(peer(1), "/param/glow", at(0));
        assert_eq!(release(&mut guard, 100), []);
        assert_eq!(guard.wake_at(), None);
    }
}
