//! Which peers get feedback: those in the configuration, those that have shown that they receive, and those of trusted
//! networks that keep sending. Pure.
//!
//! The source address of a UDP packet may be forged. So an unproven sender gets at most [`AMPLIFIES`] times the bytes
//! that came from its address, enough for answers, for at most [`BRIEF`], and everything once it has echoed what only it
//! can have received. Feedback lasts while the peer sends something now and then, and echoes again when asked.

use crate::edges::allowance::Allowance;
use downbeat_protocol::HostTime;
use downbeat_protocol::network::network;
use ipnet::IpNet;
use std::cmp::Reverse;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Maximum of peers that have echoed. Connections are limited where they are accepted.
const KNOWN: usize = 32;
/// Maximum of those on one host, so that no machine takes all places.
const OF_HOST: usize = 8;
/// Maximum of other senders.
const STRANGERS: usize = 32;
/// Maximum of trusted senders that are served because they keep sending.
const RENEWING: usize = 8;
/// Silence after which a peer that receives is forgotten, so that nothing is sent for long to one that has left. Tablets
/// send `/ping` every five seconds.
const LEASE: Duration = Duration::from_secs(60);
/// Silence after which anyone else is forgotten.
const BRIEF: Duration = Duration::from_secs(2);
/// How long a peer that has commanded something plays: it keeps its place, and may take that of one that does not play.
const COMMANDS: Duration = Duration::from_secs(60);
/// How long a peer counts as proven after its last echo.
const PROOF: Duration = Duration::from_secs(5 * 60);
/// How often a proven peer is asked for another echo.
const PROVE_EVERY: Duration = Duration::from_secs(30);
/// Bytes sent per byte received, to a peer not proven to receive: as in QUIC (RFC 9000, 8.1).
const AMPLIFIES: u64 = 3;
/// Errors that a peer is told at once and per second: a person reads no more, and a program that answers errors by errors
/// is not kept at it.
const COMPLAINTS: (f64, f64) = (5.0, 1.0);

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
    since: HostTime,
    heard: HostTime,
    packets: u64,
    came: u64,
    went: u64,
    proof: Proof,
    is_trusted: bool,
    /// Whether it keeps sending, in a trusted network.
    renews: bool,
    /// When it last commanded something.
    commanded: Option<HostTime>,
    complaints: Allowance,
}

/// Why a peer is known to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    None,
    /// It is connected.
    Connection,
    /// Its last echo, and when it was last asked for one.
    Echo {
        at: HostTime,
        asked: HostTime,
    },
}

impl Seen {
    fn new(peer: SocketAddr, is_trusted: bool, now: HostTime) -> Self {
        Self {
            peer,
            since: now,
            heard: now,
            packets: 0,
            came: 0,
            went: 0,
            proof: Proof::None,
            is_trusted,
            renews: false,
            commanded: None,
            complaints: Allowance::new(COMPLAINTS.0, COMPLAINTS.1, now),
        }
    }

    fn is_proven(&self) -> bool {
        self.proof != Proof::None
    }

    fn receives(&self) -> bool {
        self.is_proven() || self.renews
    }

    /// Who leaves first: who commands least, and is silent for longest.
    fn worth(&self) -> (bool, Option<HostTime>, HostTime) {
        (self.is_trusted, self.commanded, self.heard)
    }

    /// Whether it has commanded something lately.
    fn plays(&self, now: HostTime) -> bool {
        self.commanded.is_some_and(|at| now < at + COMMANDS)
    }

    /// Whether it makes room for another: for one of a trusted network if it is not of one itself; for one that plays if it
    /// does not.
    fn yields_to(&self, other: &Self, now: HostTime) -> bool {
        let is_weaker = !self.is_trusted && other.is_trusted;
        is_weaker || self.is_trusted == other.is_trusted && !self.plays(now) && other.plays(now)
    }

    /// What shares its places: its network, of which a machine may use many addresses; in a trusted one, its address.
    fn host(&self) -> IpAddr {
        if self.is_trusted { self.peer.ip() } else { network(self.peer.ip()) }
    }
}

impl Peers {
    /// Peers that get feedback from the start, and trusted networks.
    pub fn new(fixed: Vec<SocketAddr>, trusted: Vec<IpNet>) -> Self {
        Self { fixed, trusted, seen: Vec::new() }
    }

    /// Forgets who has been silent for too long. Call it before anything else at a new moment.
    pub fn tidy(&mut self, now: HostTime) {
        self.seen.retain_mut(|seen| {
            if matches!(seen.proof, Proof::Echo { at, .. } if now >= at + PROOF) {
                (seen.proof, seen.came, seen.went) = (Proof::None, 0, 0);
            }
            match seen.proof {
                Proof::Connection => true,
                Proof::Echo { .. } => now < seen.heard + LEASE,
                Proof::None => now < seen.heard + BRIEF,
            }
        });
    }

    /// Counts a packet of a peer; returns whether to greet it: it is new, or has begun to be served.
    pub fn receive(&mut self, peer: SocketAddr, bytes: usize, now: HostTime) -> bool {
        self.tidy(now);
        let is_fixed = self.fixed.contains(&peer);
        let (seen, is_new) = match self.seen.iter().position(|seen| seen.peer == peer) {
            Some(place) => (&mut self.seen[place], false),
            None => {
                self.make_room_for_a_stranger();
                self.seen.push(Seen::new(peer, self.trusts(peer), now));
                let last = self.seen.len() - 1;
                (&mut self.seen[last], true)
            }
        };
        seen.heard = now;
        seen.packets += 1;
        seen.came += bytes as u64;
        let wishes = !seen.receives() && seen.is_trusted && seen.packets > 2 && now >= seen.since + BRIEF;
        let begins = wishes && self.renew(peer, now);
        (is_new || begins) && !is_fixed
    }

    /// Serves a trusted sender from now on, if there is room or another makes room; returns whether.
    fn renew(&mut self, peer: SocketAddr, now: HostTime) -> bool {
        let Some(place) = self.seen.iter().position(|seen| seen.peer == peer) else { return false };
        let new = &self.seen[place];
        let renewing = || self.seen.iter().enumerate().filter(|(_, seen)| seen.renews);
        if renewing().count() >= RENEWING {
            let weakest = renewing().min_by_key(|(_, seen)| seen.worth());
            let leaves = weakest.filter(|(_, seen)| new.commanded.is_some() && seen.yields_to(new, now));
            let Some((leaves, _)) = leaves else { return false };
            let left = &mut self.seen[leaves];
            (left.renews, left.since, left.packets, left.came, left.went) = (false, now, 0, 0, 0);
        }
        self.seen[place].renews = true;
        true
    }

    /// A peer has commanded something.
    pub fn commanded(&mut self, peer: SocketAddr, now: HostTime) {
        self.seen.iter_mut().filter(|seen| seen.peer == peer).for_each(|seen| seen.commanded = Some(now));
    }

    /// Whether a peer may be told of one more error.
    pub fn may_complain(&mut self, peer: SocketAddr, now: HostTime) -> bool {
        self.seen.iter_mut().find(|seen| seen.peer == peer).is_some_and(|seen| seen.complaints.take(now))
    }

    /// A peer has proven that it receives; returns whether it gets everything only from now on. One may be refused for
    /// lack of room.
    pub fn know(&mut self, peer: SocketAddr, is_connected: bool, now: HostTime) -> bool {
        let proof = if is_connected { Proof::Connection } else { Proof::Echo { at: now, asked: now } };
        let place = self.seen.iter().position(|seen| seen.peer == peer);
        if let Some(seen) = place.map(|place| &mut self.seen[place]).filter(|seen| seen.is_proven()) {
            seen.heard = now;
            seen.proof = if seen.proof == Proof::Connection { seen.proof } else { proof };
            return false;
        }
        let was_served = self.knows(peer);
        if !is_connected && !self.make_room_for_one_that_echoes(peer, now) {
            return false;
        }
        let is_trusted = self.trusts(peer);
        let place = self.seen.iter().position(|seen| seen.peer == peer);
        let place = place.unwrap_or_else(|| {
            self.seen.push(Seen::new(peer, is_trusted, now));
            self.seen.len() - 1
        });
        let seen = &mut self.seen[place];
        (seen.heard, seen.proof) = (now, proof);
        !was_served
    }

    /// A peer has left.
    pub fn forget(&mut self, peer: SocketAddr) {
        self.seen.retain(|seen| seen.peer != peer);
    }

    /// Known peers that get no packet twice by themselves: those that are not connected.
    pub fn by_datagrams(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        let is_connected =
            |peer: &SocketAddr| self.seen.iter().any(|seen| seen.peer == *peer && seen.proof == Proof::Connection);
        self.known().filter(move |peer| !is_connected(peer))
    }

    /// The peers that must echo again by now; they count as asked.
    pub fn ask_again(&mut self, now: HostTime) -> Vec<SocketAddr> {
        let mut peers = Vec::new();
        for seen in &mut self.seen {
            if let Proof::Echo { asked, .. } = &mut seen.proof
                && now >= *asked + PROVE_EVERY
            {
                *asked = now;
                peers.push(seen.peer);
            }
        }
        peers
    }

    /// Whether a peer gets everything.
    pub fn knows(&self, peer: SocketAddr) -> bool {
        self.known().any(|known| known == peer)
    }

    /// Whether a peer may get this many bytes; if so they count as sent.
    pub fn may(&mut self, peer: SocketAddr, bytes: usize) -> bool {
        let is_fixed = self.fixed.contains(&peer);
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.peer == peer) else { return is_fixed };
        let may = is_fixed || seen.receives() || seen.went + bytes as u64 <= AMPLIFIES * seen.came;
        seen.went += if may { bytes as u64 } else { 0 };
        may
    }

    /// All peers.
    pub fn all(&self) -> impl Iterator<Item = SocketAddr> {
        let others = self.seen.iter().map(|seen| seen.peer).filter(|peer| !self.fixed.contains(peer));
        self.fixed.iter().copied().chain(others)
    }

    /// Peers that get everything.
    pub fn known(&self) -> impl Iterator<Item = SocketAddr> {
        let receiving = self.seen.iter().filter(|seen| seen.receives()).map(|seen| seen.peer);
        self.fixed.iter().copied().chain(receiving.filter(|peer| !self.fixed.contains(peer)))
    }

    /// Peers known to receive that belong to the rig: named, or of a trusted network.
    pub fn of_the_rig(&self) -> impl Iterator<Item = SocketAddr> {
        let proven = self.seen.iter().filter(|seen| seen.is_proven());
        proven.filter(|seen| seen.is_trusted || self.fixed.contains(&seen.peer)).map(|seen| seen.peer)
    }

    /// Whether there is any peer.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty() && self.seen.is_empty()
    }

    fn trusts(&self, peer: SocketAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&peer.ip().to_canonical()))
    }

    /// Strangers push out one another only: those first that only ask, then those silent for longest.
    fn make_room_for_a_stranger(&mut self) {
        let strangers = self.seen.iter().enumerate().filter(|(_, seen)| !seen.receives());
        if strangers.clone().count() >= STRANGERS
            && let Some((place, _)) = strangers.min_by_key(|(_, seen)| (seen.commanded.is_some(), seen.heard))
        {
            self.seen.swap_remove(place);
        }
    }

    /// One that echoes takes the place of one that does not play: of its own host if that has all its places; otherwise of
    /// the host that has most, if it is trusted, plays itself, or its own host has fewer. Those that are named have places
    /// of their own. Returns whether there is room.
    fn make_room_for_one_that_echoes(&mut self, peer: SocketAddr, now: HostTime) -> bool {
        if self.fixed.contains(&peer) {
            return true;
        }
        let stranger = Seen::new(peer, self.trusts(peer), now);
        let new = self.seen.iter().find(|seen| seen.peer == peer).unwrap_or(&stranger);
        let has_place = |seen: &Seen| matches!(seen.proof, Proof::Echo { .. }) && !self.fixed.contains(&seen.peer);
        let echoing = || self.seen.iter().enumerate().filter(|(_, seen)| has_place(seen));
        let crowd = |host: IpAddr| echoing().filter(|(_, seen)| seen.host() == host).count();
        let own = crowd(new.host());
        let leaves = if own >= OF_HOST {
            let of_host = echoing().filter(|(_, seen)| seen.host() == new.host() && !seen.plays(now));
            of_host.min_by_key(|(_, seen)| seen.worth())
        } else if echoing().count() >= KNOWN {
            let is_fair =
                |seen: &Seen| seen.is_trusted == new.is_trusted && !seen.plays(now) && crowd(seen.host()) > own + 1;
            let yielding = echoing().filter(|(_, seen)| seen.yields_to(new, now) || is_fair(seen));
            yielding.min_by_key(|(_, seen)| {
                (seen.is_trusted, seen.plays(now), Reverse(crowd(seen.host())), seen.commanded, Reverse(seen.since))
            })
        } else {
            return true;
        };
        leaves.map(|(place, _)| place).map(|place| self.seen.swap_remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests;
