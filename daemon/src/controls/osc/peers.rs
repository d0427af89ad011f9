//! Which peers get feedback: those in the configuration, those of trusted networks, and recent senders. Pure.
//!
//! The source address of a UDP packet may be forged. So an unproven sender gets at most [`AMPLIFIES`] times the bytes
//! that came from its address, enough for answers, and everything once it has echoed what only it can have received.

use downbeat_protocol::HostTime;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::time::Duration;

/// Maximum of recent senders.
const SEEN: usize = 32;
/// Silence after which a peer is forgotten, so that nothing is sent forever to one that has left.
const FORGET: Duration = Duration::from_secs(60 * 60);
/// Bytes sent per byte received, to a peer not proven to receive: as in QUIC (RFC 9000, 8.1).
const AMPLIFIES: u64 = 3;

/// The peers of a control.
#[derive(Debug, Default)]
pub struct Peers {
    fixed: Vec<SocketAddr>,
    trusted: Vec<IpNet>,
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    peer: SocketAddr,
    heard: HostTime,
    came: u64,
    went: u64,
    receives: bool,
}

impl Peers {
    /// Peers that get feedback from the start, and trusted networks.
    pub fn new(fixed: Vec<SocketAddr>, trusted: Vec<IpNet>) -> Self {
        Self { fixed, trusted, seen: Vec::new() }
    }

    /// Counts bytes from a peer; returns whether it is new.
    pub fn receive(&mut self, peer: SocketAddr, bytes: usize, now: HostTime) -> bool {
        self.seen.retain(|seen| now < seen.heard + FORGET);
        if self.fixed.contains(&peer) {
            return false;
        }
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.peer == peer) {
            seen.heard = now;
            seen.came += bytes as u64;
            return false;
        }
        if self.seen.len() >= SEEN {
            // Forged addresses must not push out known ones.
            let oldest = self.seen.iter().enumerate().min_by_key(|(_, seen)| (seen.receives, seen.heard));
            match oldest.map(|(index, _)| index) {
                Some(index) => drop(self.seen.swap_remove(index)),
                None => return false,
            }
        }
        let receives = self.trusted.iter().any(|net| net.contains(&peer.ip()));
        self.seen.push(Seen { peer, heard: now, came: bytes as u64, went: 0, receives });
        true
    }

    /// A peer has proven that it receives; returns whether that is new.
    pub fn know(&mut self, peer: SocketAddr) -> bool {
        let stranger = self.seen.iter_mut().find(|seen| seen.peer == peer && !seen.receives);
        stranger.is_some_and(|seen| !std::mem::replace(&mut seen.receives, true))
    }

    /// A peer has left.
    pub fn forget(&mut self, peer: SocketAddr) {
        self.seen.retain(|seen| seen.peer != peer);
    }

    /// Whether a peer gets everything.
    pub fn knows(&self, peer: SocketAddr) -> bool {
        self.known().any(|known| known == peer)
    }

    /// Whether a peer may get this many bytes; if so they count as sent.
    pub fn may(&mut self, peer: SocketAddr, bytes: usize) -> bool {
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.peer == peer) else { return self.fixed.contains(&peer) };
        let may = seen.receives || seen.went + bytes as u64 <= AMPLIFIES * seen.came;
        seen.went += if may { bytes as u64 } else { 0 };
        may
    }

    /// All peers.
    pub fn all(&self) -> impl Iterator<Item = SocketAddr> {
        self.fixed.iter().copied().chain(self.seen.iter().map(|seen| seen.peer))
    }

    /// Peers that get everything.
    pub fn known(&self) -> impl Iterator<Item = SocketAddr> {
        let receiving = self.seen.iter().filter(|seen| seen.receives).map(|seen| seen.peer);
        self.fixed.iter().copied().chain(receiving)
    }

    /// Whether there is any peer.
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
            assert!(peers.receive(peer(number), 12, HostTime(i64::from(number))));
        }
        assert!(!peers.receive(peer(0), 12, HostTime(100)));
        assert!(peers.receive(peer(999), 12, HostTime(101)));
        let all: Vec<_> = peers.all().collect();
        assert_eq!(all.len(), SEEN);
        assert!(all.contains(&peer(0)) && all.contains(&peer(999)) && !all.contains(&peer(1)));
    }

    #[test]
    fn forged_addresses_push_out_nobody_who_is_known() {
        let mut peers = Peers::default();
        peers.receive(peer(1), 12, HostTime(0));
        assert!(peers.know(peer(1)) && !peers.know(peer(1)) && !peers.know(peer(2)));
        for number in 100..300 {
            peers.receive(peer(number), 12, HostTime(i64::from(number)));
        }
        assert!(peers.knows(peer(1)) && !peers.knows(peer(299)));
        assert_eq!(peers.all().count(), SEEN);
    }

    #[test]
    fn a_stranger_gets_three_bytes_for_each_of_its_own() {
        let mut peers = Peers::default();
        peers.receive(peer(1), 12, HostTime(0));
        assert!(peers.may(peer(1), 20) && !peers.may(peer(1), 17) && peers.may(peer(1), 16) && !peers.may(peer(1), 1));
        peers.receive(peer(1), 4, HostTime(1));
        assert!(peers.may(peer(1), 12) && !peers.may(peer(1), 1));
        assert!(!peers.may(peer(2), 1), "it has never spoken");
        peers.know(peer(1));
        assert!(peers.may(peer(1), 10_000));
    }

    #[test]
    fn who_is_named_or_comes_from_a_trusted_network_is_known() {
        let mut peers = Peers::new(vec![peer(1)], vec!["192.0.2.0/24".parse().expect("a network")]);
        assert!(peers.knows(peer(1)) && peers.may(peer(1), 10_000));
        peers.receive(peer(2), 12, HostTime(0));
        assert!(peers.knows(peer(2)));
        let far = SocketAddr::from(([198, 51, 100, 1], 9));
        peers.receive(far, 12, HostTime(0));
        assert!(!peers.knows(far));
    }

    #[test]
    fn who_has_left_is_forgotten_and_who_is_configured_is_not() {
        let mut peers = Peers::new(vec![peer(1)], Vec::new());
        peers.receive(peer(2), 12, HostTime(0));
        peers.receive(peer(3), 12, HostTime(0) + FORGET);
        assert_eq!(peers.all().collect::<Vec<_>>(), [peer(1), peer(3)]);
    }
}
