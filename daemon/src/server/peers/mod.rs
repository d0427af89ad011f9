//! The other daemons of the show: one leads, the others stand by and take over.
//!
//! | file | noun |
//! |---|---|
//! | `leadership` | whether this daemon leads, and in which term |
//! | `gossip` | statements of clients and daemons about the leader |
//! | `following` | the connections to the other daemons, and their reports |
//! | `passed` | what was passed on to the leader a moment ago |
//! | `part` | the part of the hop thread: the leader, or a mirror of it |
//! | `standby` | the thread `standby` that joins them |
//!
//! A standby analyses the same audio itself, but its clock, its timeline and its state are the leader's, hop by hop
//! ([`Mirrored`](downbeat_engine::Mirrored)). When it takes over, show time and beat run on as they were, and what it
//! hears itself corrects them slowly. Outputs say whether they send while another daemon leads
//! ([`Audible`](crate::dispatch::Audible)).

mod following;
mod gossip;
mod leadership;
mod part;
mod passed;
mod standby;

pub use gossip::{Gossip, GossipReceiver, GossipSender};
pub use leadership::Leadership;
pub use part::{Part, PartSlot};
pub use standby::Standby;
