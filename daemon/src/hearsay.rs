//! What clients and other daemons say about who leads the show, on its way from the connections to the standing.

use crossbeam_channel::{Receiver, Sender, bounded};
use downbeat_protocol::datagram::Heard;
use downbeat_protocol::message::Daemon;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Words that may wait; they are read every few milliseconds. When there are more the newest is dropped: it is said
/// again soon.
const WAITING: usize = 256;

/// One thing that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Another daemon says what it is. It serves its clients at this address and the port that it names.
    Daemon(Daemon, IpAddr),
    /// A client has heard of a term.
    Term(u32),
    /// A client answers whether it hears the leader.
    Heard(Heard),
}

/// The end that connections hold. Clones share it.
#[derive(Clone, Debug)]
pub struct Hearsay {
    words: Sender<Word>,
    /// How often clients were asked, and for which term.
    question: Arc<AtomicU64>,
}

/// The end that decides.
#[derive(Debug)]
pub struct Hearing {
    /// What was said, in order.
    pub words: Receiver<Word>,
    question: Arc<AtomicU64>,
}

impl Hearsay {
    /// Both ends.
    pub fn new() -> (Self, Hearing) {
        let (sender, words) = bounded(WAITING);
        let question = Arc::<AtomicU64>::default();
        (Self { words: sender, question: Arc::clone(&question) }, Hearing { words, question })
    }

    /// Passes a word on.
    pub fn pass(&self, word: Word) {
        // Who decides is gone or busy: it is said again.
        let _ = self.words.try_send(word);
    }

    /// The question to clients: a count that tells a new one, and the term that is asked for.
    pub fn question(&self) -> (u32, u32) {
        let question = self.question.load(Relaxed);
        ((question >> 32) as u32, question as u32)
    }
}

impl Hearing {
    /// Has all clients asked whether they hear the leader of a term.
    pub fn ask(&self, term: u32) {
        let count = (self.question.load(Relaxed) >> 32).wrapping_add(1);
        self.question.store(count << 32 | u64::from(term), Relaxed);
    }
}
