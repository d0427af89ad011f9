//! The fan-out at the end of the path: one mailbox per output and control.
//!
//! Newest wins for ticks; events are kept in order in a bounded queue, and a tick comes with those that led to it. The hop
//! thread never waits for a reader.

mod health;
mod latency;
mod mailbox;
mod refusal;
mod spread;

pub use health::Health;
pub use latency::{LANDS, LATE, Latency};
pub use mailbox::{Closer, Feed, Wake, mailbox};
pub use refusal::{LONGEST, fit_to_tell};
pub use spread::{Counts, Spread, Summary};

use downbeat_engine::Tick;
use downbeat_protocol::{Event, Schema, ShowState};
use mailbox::Slot;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Passes ticks and events to every feed. Clones share the feeds, which come and go while the show runs.
#[derive(Clone, Default)]
pub struct Fanout(Arc<RwLock<Readers>>);

#[derive(Default)]
struct Readers {
    slots: Vec<(Slot, Audible)>,
    /// The newest layout of rows, if it has changed.
    schema: Option<Arc<Schema>>,
}

/// Whether a reader is fed while another daemon leads the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audible {
    /// Always: it only sends for this daemon, or its receivers know which daemon counts.
    Always,
    /// Only while this daemon leads: two senders to one peer would conflict. It always learns the layout of rows, which
    /// nobody tells again at a takeover.
    Leading,
}

impl Audible {
    fn hears(self, leads: bool) -> bool {
        leads || self == Self::Always
    }
}

impl Fanout {
    /// Adds a reader; `health` counts what it misses.
    pub fn feed(&self, health: Arc<Health>, audible: Audible) -> Feed {
        let (slot, feed) = mailbox(health);
        let mut readers = self.write();
        readers.slots.retain(|(slot, _)| !slot.is_closed());
        readers.slots.push((slot, audible));
        feed
    }

    /// The layout of rows that was last announced, if it has changed.
    pub fn schema(&self) -> Option<Arc<Schema>> {
        self.read().schema.clone()
    }

    /// The settings in the newest tick; none before the first one, or without a reader.
    pub fn state(&self) -> Option<Arc<ShowState>> {
        let readers = self.read();
        readers.slots.iter().filter(|(_, audible)| audible.hears(false)).find_map(|(slot, _)| slot.state())
    }

    /// Gives everyone the newest tick, replacing an unread one, and the events that led to it, in one step: nobody has
    /// one without the other. `leads` is whether this daemon leads.
    pub fn hop(&self, events: &[Arc<Event>], tick: &Arc<Tick>, leads: bool) {
        for event in events {
            if let Event::Schema(schema) = &**event {
                self.write().schema = Some(Arc::new(schema.clone()));
            }
        }
        let readers = self.read();
        for (slot, audible) in &readers.slots {
            if audible.hears(leads) {
                slot.put(events, tick);
            } else {
                events.iter().filter(|event| is_layout(event)).for_each(|event| slot.put_event(event));
            }
        }
    }

    /// The same without events.
    pub fn tick(&self, tick: &Arc<Tick>, leads: bool) {
        self.hop(&[], tick, leads);
    }

    /// Gives everyone an event that no tick brings, after the unread ones.
    pub fn event(&self, event: &Arc<Event>, leads: bool) {
        if let Event::Schema(schema) = &**event {
            self.write().schema = Some(Arc::new(schema.clone()));
        }
        let readers = self.read();
        let heard = readers.slots.iter().filter(|(_, audible)| audible.hears(leads) || is_layout(event));
        heard.for_each(|(slot, _)| slot.put_event(event));
    }

    /// Another daemon leads from now on: outputs that send only for the leader stop where they are, and forget what is
    /// not sent yet.
    pub fn fall_silent(&self) {
        let readers = self.read();
        let silent = readers.slots.iter().filter(|(_, audible)| *audible == Audible::Leading);
        silent.for_each(|(slot, _)| slot.fall_silent());
    }

    /// Wakes every reader one last time.
    pub fn close(&self) {
        self.read().slots.iter().for_each(|(slot, _)| slot.close());
    }

    /// Held for as long as it takes to hand over.
    fn read(&self) -> RwLockReadGuard<'_, Readers> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Readers> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_layout(event: &Event) -> bool {
    matches!(event, Event::Schema(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::host_now;
    use downbeat_protocol::{HostTime, Row, ShowTime, Signal, Timeline, Unit};

    fn tick(seq: u64) -> Arc<Tick> {
        let row = Row { seq, ..Row::default() };
        let heard = HostTime(seq as i64);
        Arc::new(Tick { row, timeline: Timeline::default(), state: Arc::default(), beating: true, heard })
    }

    fn layout(name: &str) -> Arc<Event> {
        Arc::new(Event::Schema(Schema { signals: vec![Signal::scalar(name, Unit::Ratio, [0.0, 1.0])] }))
    }

    fn message() -> Arc<Event> {
        let (output, address, by) = ("desk".into(), "/level".into(), "rule:level".into());
        Arc::new(Event::Message { output, address, value: Some(1.0.into()), by, at: ShowTime::ZERO })
    }

    #[test]
    fn a_layout_that_comes_while_another_daemon_leads_is_known_when_this_one_takes_over() {
        let fanout = Fanout::default();
        let feed = fanout.feed(Arc::default(), Audible::Leading);
        fanout.hop(&[layout("param.glow"), message()], &tick(1), false);
        let wake = feed.wait(host_now());
        assert!(wake.tick.is_none(), "it is silent");
        assert_eq!(wake.events, [layout("param.glow")]);
        // It lags.
        fanout.hop(&[layout("param.hue")], &tick(2), false);
        fanout.event(&layout("param.blur"), false);
        fanout.hop(&[], &tick(3), true);
        let wake = feed.wait(host_now());
        assert_eq!(wake.events, [layout("param.blur")], "the newest");
        assert_eq!(wake.tick.map(|tick| tick.row.seq), Some(3));
    }

    #[test]
    fn what_was_not_read_before_another_daemon_took_the_lead_is_never_sent() {
        let fanout = Fanout::default();
        let [leading, always] = [Audible::Leading, Audible::Always].map(|it| fanout.feed(Arc::default(), it));
        fanout.hop(&[layout("param.glow"), message()], &tick(1), true);
        fanout.hop(&[], &tick(2), true);
        fanout.fall_silent();
        let wake = leading.wait(host_now());
        assert!(wake.silenced && wake.tick.is_none() && wake.overtaken.is_empty());
        assert_eq!(wake.events, [layout("param.glow")], "it holds for all rows to come");
        assert!(!leading.wait(host_now()).silenced, "once");
        let wake = always.wait(host_now());
        assert!(!wake.silenced && wake.events.contains(&message()));
        fanout.hop(&[], &tick(3), true);
        assert_eq!(leading.wait(host_now()).since, Some(HostTime(3)), "what came before is not counted");
    }
}
