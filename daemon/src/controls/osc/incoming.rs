//! What the receiving threads report to the answering one.

use downbeat_protocol::tree::Node;
use downbeat_protocol::{HostTime, Tree, Value};
use std::net::SocketAddr;
use std::sync::Arc;

/// Maximum of characters in what is wrong with a message: what it says may come from anyone.
pub const LONGEST: usize = 512;

/// A report of the receiving threads to the answering one.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The sender, and address for answers.
    pub peer: SocketAddr,
    /// Its time.
    pub at: HostTime,
    /// Its content.
    pub kind: IncomingKind,
}

/// A report about a peer.
#[derive(Clone, Debug)]
pub enum IncomingKind {
    /// It sent this many bytes.
    Bytes(usize),
    /// It is connected by TCP, and so receives what is sent to it.
    Connected,
    /// Its connection has ended.
    Disconnected,
    /// It echoed a text, which shows that it receives.
    Hello(String),
    /// It set this address.
    Set(String),
    /// It tried to set this to a value, with effect or without.
    Tried(Box<Node>, Value),
    /// It requests all values.
    Sync,
    /// It requests the addresses that match this pattern or are below this address.
    List(Arc<Tree>, String),
    /// It sent an invalid message.
    Mistake(String),
    /// It must show that it receives first.
    Unproven(String),
}
