//! Statements of clients and other daemons about the leader, on their way from the connections to the election.

use crossbeam_channel::{Receiver, Sender, bounded};
use downbeat_protocol::datagram::LeaderHeard;
use downbeat_protocol::message::Daemon;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How much may wait; it is read every few milliseconds. When there is more, the newest is dropped: it is said
/// again soon.
const WAITING: usize = 256;

/// One thing that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gossip {
    /// Another daemon says what it is. It serves its clients at this address and the port that it names.
    Daemon(Daemon, IpAddr),
    /// A client has heard of a term.
    Term(u32),
    /// A client answers whether it hears the leader.
    LeaderHeard(LeaderHeard),
}

/// The end that connections hold. Clones share it.
#[derive(Clone, Debug)]
pub struct GossipSender {
    sender: Sender<Gossip>,
    /// How often clients were asked, and for which term.
    question: Arc<AtomicU64>,
}

/// The end that decides.
#[derive(Debug)]
pub struct GossipReceiver {
    /// What was said, in order.
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
        // Whoever decides has ended or is busy: it is said again.
        let _ = self.sender.try_send(gossip);
    }

    /// The question to clients: a count that tells a new one, and the term that is asked for.
    pub fn question(&self) -> (u32, u32) {
        let question = self.question.load(Relaxed);
        ((question >> 32) as u32, question as u32)
    }
}

impl GossipReceiver {
    /// Has all clients asked whether they hear the leader of a term.
    pub fn ask(&self, term: u32) {
        let count = (self.question.load(Relaxed) >> 32).wrapping_add(1);
        self.question.store(count << 32 | u64::from(term), Relaxed);
    }
}
