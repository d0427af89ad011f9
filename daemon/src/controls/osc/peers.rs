//! Who gets feedback: those who are named in the configuration, and those who have spoken lately. Pure.

use downbeat_protocol::HostTime;
use std::net::SocketAddr;
use std::time::Duration;

/// Peers that have spoken and are remembered; one more takes the place of the one silent for longest.
const SEEN: usize = 32;
/// Whoever has been silent for this long is forgotten, so that nothing is sent for ever to one who has left.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// The peers of a control.
#[derive(Debug, Default)]
pub struct Peers {
    fixed: Vec<SocketAddr>,
    seen: Vec<(SocketAddr, HostTime)>,
}

impl Peers {
    /// Those who get feedback from the start.
    pub fn new(fixed: Vec<SocketAddr>) -> Self {
        Self { fixed, seen: Vec::new() }
    }

    /// A peer has spoken; whether it is a new one.
    pub fn hear(&mut self, peer: SocketAddr, now: HostTime) -> bool {
        self.seen.retain(|(_, heard)| now < *heard + FORGET);
        if self.fixed.contains(&peer) {
            return false;
        }
        if let Some((_, heard)) = self.seen.iter_mut().find(|(seen, _)| *seen == peer) {
            *heard = now;
            return false;
        }
        if self.seen.len() >= SEEN {
            let oldest = self.seen.iter().enumerate().min_by_key(|(_, (_, heard))| *heard);
            if let Some((index, _)) = oldest {
                self.seen.swap_remove(index);
            }
        }
        self.seen.push((peer, now));
        true
    }

    /// Everyone.
    pub fn all(&self) -> impl Iterator<Item = SocketAddr> {
        self.fixed.iter().copied().chain(self.seen.iter().map(|(peer, _)| *peer))
    }

    /// Whether there is anyone to tell anything.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty() && self.seen.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], number))
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_one_silent_for_longest() {
        let mut peers = Peers::default();
        for number in 0..SEEN as u16 {
            assert!(peers.hear(peer(number), HostTime(i64::from(number))));
        }
        assert!(!peers.hear(peer(0), HostTime(100)));
        assert!(peers.hear(peer(999), HostTime(101)));
        let all: Vec<_> = peers.all().collect();
        assert_eq!(all.len(), SEEN);
        assert!(all.contains(&peer(0)) && all.contains(&peer(999)) && !all.contains(&peer(1)));
    }

    #[test]
    fn who_has_left_is_forgotten_and_who_is_configured_is_not() {
        let mut peers = Peers::new(vec![peer(1)]);
        peers.hear(peer(2), HostTime(0));
        peers.hear(peer(3), HostTime(0) + FORGET);
        assert_eq!(peers.all().collect::<Vec<_>>(), [peer(1), peer(3)]);
    }
}
