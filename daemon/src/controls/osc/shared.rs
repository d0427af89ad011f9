//! What the answering thread knows of the peers, for the receiving threads.

use super::greeting::Greeting;
use crate::controls::echoes::Sender;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The peers' standing. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    greeting: Greeting,
    contents: Arc<Mutex<Contents>>,
}

/// How a packet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In a datagram, whose address may be forged.
    Datagram,
    /// Over a connection. Whoever completes its handshake receives at its address, even before the answering thread has
    /// learnt of it.
    Connection {
        /// Whether its host is named, or of a trusted network.
        is_trusted: bool,
    },
}

/// Who has sent a packet, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The peer, and whether it is known to receive.
    pub sender: Sender,
    /// Whether it may take and give the lead: one on this machine, whose address nobody else can forge, or one that is
    /// named or trusted and has shown that it receives.
    pub may_lead: bool,
    /// Whether it has a share of the rig: the same, except for programs that play other machines at another address of
    /// 127.0.0.0/8 and have not shown that they receive.
    pub is_of_the_rig: bool,
}

#[derive(Debug, Default)]
struct Contents {
    known: BTreeSet<SocketAddr>,
    of_the_rig: BTreeSet<SocketAddr>,
}

impl Shared {
    /// The words that peers must echo.
    pub fn greeting(&self) -> &Greeting {
        &self.greeting
    }

    /// Sets which peers are known to receive, and which of them belong to the rig.
    pub fn know(&self, known: BTreeSet<SocketAddr>, of_the_rig: BTreeSet<SocketAddr>) {
        let mut contents = self.lock();
        (contents.known, contents.of_the_rig) = (known, of_the_rig);
    }

    /// Who a peer is whose packet came in this way.
    pub fn origin(&self, peer: SocketAddr, way: Way) -> Origin {
        let contents = self.lock();
        let ip = peer.ip().to_canonical();
        let is_trusted = matches!(way, Way::Connection { is_trusted: true });
        let is_known = way != Way::Datagram || contents.known.contains(&peer);
        // The system drops what comes from outside in the name of a loopback address.
        let may_lead = ip.is_loopback() || is_trusted || contents.of_the_rig.contains(&peer);
        let is_here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&ip);
        Origin { sender: Sender { peer, is_known }, may_lead, is_of_the_rig: is_here || is_known && may_lead }
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
