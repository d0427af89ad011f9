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

/// Hands ticks and events to every feed.
#[derive(Clone, Default)]
pub struct Fanout {
    slots: Vec<(Slot, Audible)>,
}

/// Whether a reader is fed while another daemon leads the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audible {
    /// Always: what it sends is for this daemon's own, or says itself how much it counts.
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

    /// Gives everyone the newest tick; an unread one is replaced. `leads` says whether this daemon does.
    pub fn tick(&self, tick: &Arc<Tick>, leads: bool) {
        self.audible(leads).for_each(|slot| slot.put_tick(tick));
    }

    /// Gives everyone an event, behind those not yet read.
    pub fn event(&self, event: &Arc<Event>, leads: bool) {
        self.audible(leads).for_each(|slot| slot.put_event(event));
    }

    /// Another daemon leads from now on: those who speak only for the leader stop where they are.
    pub fn fall_silent(&self) {
        let silent = self.slots.iter().filter(|(_, audible)| *audible == Audible::Leading);
        silent.for_each(|(slot, _)| slot.fall_silent());
    }

    /// Wakes every reader for the last time.
    pub fn close(&self) {
        self.slots.iter().for_each(|(slot, _)| slot.close());
    }

    fn audible(&self, leads: bool) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |(_, audible)| leads || *audible == Audible::Always).map(|(slot, _)| slot)
    }
}
