//! The fan-out at the end of the path: one mailbox per output and control.
//!
//! Newest wins for ticks; events are kept in order in a bounded queue. The hop thread never waits for a reader.

mod health;
mod latency;
mod mailbox;

pub use health::Health;
pub use latency::{LATE, Latency};
pub use mailbox::{Feed, Wake, mailbox};

use downbeat_engine::Tick;
use downbeat_protocol::Event;
use mailbox::Slot;
use std::sync::Arc;

/// Passes ticks and events to every feed.
#[derive(Clone, Default)]
pub struct Fanout {
    slots: Vec<(Slot, Audible)>,
}

/// Whether a reader is fed while another daemon leads the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audible {
    /// Always: it only sends for this daemon, or its receivers know which daemon counts.
    Always,
    /// Only while this daemon leads: two senders to one peer would conflict.
    Leading,
}

impl Fanout {
    /// Adds a reader; `health` counts what it misses.
    pub fn feed(&mut self, health: Arc<Health>, audible: Audible) -> Feed {
        let (slot, feed) = mailbox(health);
        self.slots.push((slot, audible));
        feed
    }

    /// Gives everyone the newest tick, replacing an unread one. `leads` is whether this daemon leads.
    pub fn tick(&self, tick: &Arc<Tick>, leads: bool) {
        self.audible(leads).for_each(|slot| slot.put_tick(tick));
    }

    /// Gives everyone an event, after the unread ones.
    pub fn event(&self, event: &Arc<Event>, leads: bool) {
        self.audible(leads).for_each(|slot| slot.put_event(event));
    }

    /// Another daemon leads from now on: outputs that send only for the leader stop where they are.
    pub fn fall_silent(&self) {
        let silent = self.slots.iter().filter(|(_, audible)| *audible == Audible::Leading);
        silent.for_each(|(slot, _)| slot.fall_silent());
    }

    /// Wakes every reader one last time.
    pub fn close(&self) {
        self.slots.iter().for_each(|(slot, _)| slot.close());
    }

    fn audible(&self, leads: bool) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |(_, audible)| leads || *audible == Audible::Always).map(|(slot, _)| slot)
    }
}
