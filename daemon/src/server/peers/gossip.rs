//! Statements of clients and other daemons about the leader, on their way from the connections to the election.

use crossbeam_channel::{Receiver, Sender, bounded};
use downbeat_protocol::datagram::LeaderHeard;
use downbeat_protocol::message::Daemon;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Maximum of waiting statements; they are read every few milliseconds. Beyond it the newest is dropped, as it is soon
/// repeated.
const WAITING: usize = 256;

/// One statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gossip {
    /// Another daemon's standing. It serves clients at this address and the given port.
    Daemon(Daemon, IpAddr),
    /// A client knows of a term.
    Term(u32),
    /// A client's answer whether it hears the leader.
    LeaderHeard(LeaderHeard),
}

/// The end for connections. Clones share it.
#[derive(Clone, Debug)]
pub struct GossipSender {
    sender: Sender<Gossip>,
    /// The number of the question to clients, and its term.
    question: Arc<AtomicU64>,
}

/// The end for the election.
#[derive(Debug)]
pub struct GossipReceiver {
    /// The statements, in order.
    pub received: Receiver<Gossip>,
    question: Arc<AtomicU64>,
}

impl GossipSender {
    /// Both ends.
    pub fn new() -> (Self, GossipReceiver) {
        let (sender, received) = bounded(WAITING);
        let question = Arc::<AtomicU64>::default();
        (Self { sender, question: Arc::clone(&question) }, GossipReceiver { received, question })
    }

    /// Passes one on. Realtime-safe: no.
    pub fn pass(&self, gossip: Gossip) {
        // The election has ended or is busy: it is repeated.
        let _ = self.sender.try_send(gossip);
    }

    /// The question to clients: a count that marks a new one, and its term.
    pub fn question(&self) -> (u32, u32) {
        let question = self.question.load(Relaxed);
        ((question >> 32) as u32, question as u32)
    }
}

impl GossipReceiver {
    /// Asks all clients whether they hear the leader of a term.
    pub fn ask(&self, term: u32) {
        let count = (self.question.load(Relaxed) >> 32).wrapping_add(1);
        self.question.store(count << 32 | u64::from(term), Relaxed);
    }
}
