//! What the answering thread knows of the peers, for the receiving threads.

use super::greeting::Greeting;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The peers' standing. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    greeting: Greeting,
    contents: Arc<Mutex<Contents>>,
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

    /// Whether a peer is known to receive.
    pub fn knows(&self, peer: SocketAddr) -> bool {
        self.lock().known.contains(&peer)
    }

    /// Whether a peer may take and give the lead: one on this machine, whose address nobody else can forge, or one that
    /// is named or trusted and has shown that it receives.
    pub fn may_lead(&self, peer: SocketAddr) -> bool {
        peer.ip().to_canonical().is_loopback() || self.lock().of_the_rig.contains(&peer)
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
