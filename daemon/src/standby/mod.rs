//! Two daemons, one show: one leads, the other one stands by and goes on where the first one stops.
//!
//! | file | noun |
//! |---|---|
//! | `following` | the connections to the other daemons, and what they tell |
//! | `part` | what the hop thread is to be: the leader, or a mirror of it |
//! | `attend` | the thread `standby` that joins them |
//!
//! A standby hears the same audio with its own ears, but its clock, its timeline and its state are the leader's, hop by
//! hop ([`Mirrored`](downbeat_engine::Mirrored)). When it takes over, show time and beat run on as they were, and what it
//! hears itself corrects them slowly. Outputs say whether they speak while another daemon leads
//! ([`Audible`](crate::dispatch::Audible)).

mod attend;
mod following;
mod part;

pub use attend::Attendant;
pub use part::{Part, PartSlot};
