//! The fan-out at the end of the straight path: one mailbox for each output and control.
//!
//! Newest wins for ticks; events are kept in order in a bounded queue. The hop thread never waits for a reader.

mod clients;
mod health;
mod latency;
mod mailbox;
mod pulse;

pub use clients::{ClientList, Listing};
pub use health::Health;
pub use latency::{LATE, Latency};
pub use mailbox::{Feed, Wake, mailbox};
pub use pulse::{Pulse, Pulses, Taken};

use crate::engine::Tick;
use downbeat_protocol::Event;
use mailbox::Slot;
use std::sync::Arc;

/// Hands ticks and events to every feed.
#[derive(Clone, Default)]
pub struct Fanout {
    slots: Vec<Slot>,
}

impl Fanout {
    /// Adds a reader; `health` counts what it misses.
    pub fn feed(&mut self, health: Arc<Health>) -> Feed {
        let (slot, feed) = mailbox(health);
        self.slots.push(slot);
        feed
    }

    /// Gives everyone the newest tick; an unread one is replaced.
    pub fn tick(&self, tick: &Arc<Tick>) {
        self.slots.iter().for_each(|slot| slot.put_tick(tick));
    }

    /// Gives everyone an event, behind those not yet read.
    pub fn event(&self, event: &Arc<Event>) {
        self.slots.iter().for_each(|slot| slot.put_event(event));
    }

    /// Wakes every reader for the last time.
    pub fn close(&self) {
        self.slots.iter().for_each(Slot::close);
    }
}
