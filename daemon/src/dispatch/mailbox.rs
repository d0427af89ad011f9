//! A mailbox: the newest tick and a few before it, and a bounded queue of events.
//!
//! A tick carries the whole state, and is put together with the events that led to it. So a change of the state may be
//! left out of the queue: the reader learns that some were, and compares what it has told with the tick.

use super::Health;
use crate::clock::host_now;
use crate::threads;
use downbeat_engine::Tick;
use downbeat_protocol::{Event, HostTime, ShowState};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Maximum of changes of the state for a slow reader. More are left out; the tick has their result.
const CHANGES: usize = 256;
/// Maximum of messages of cues and rules. Beyond it the newest is dropped and counted.
const MESSAGES: usize = 256;
/// Maximum of refusals. Beyond it the newest is dropped and counted.
const REFUSALS: usize = 64;

/// Ticks before the newest kept for a slow reader; beyond it the oldest is dropped. Four hops are 21 ms: later than
/// that, a row is too late for its frame.
const OVERTAKEN: usize = 3;

#[derive(Default)]
struct Contents {
    tick: Option<Arc<Tick>>,
    /// When the earliest unread one was heard.
    since: Option<HostTime>,
    /// Earlier ones that were not read.
    overtaken: VecDeque<Arc<Tick>>,
    /// The last tick read or replaced.
    last: Option<Arc<Tick>>,
    events: VecDeque<Arc<Event>>,
    /// How many of them there are of each kind.
    waiting: Waiting,
    /// Whether changes were left out since the last tick was read.
    coalesced: bool,
    /// Whether another daemon has taken the lead since the last reading.
    silenced: bool,
    closed: bool,
}

/// Waiting events by kind: a burst of one kind takes no room from another.
#[derive(Clone, Copy, Default)]
struct Waiting {
    changes: usize,
    messages: usize,
    refusals: usize,
}

impl Contents {
    /// Appends an event if there is room; returns whether it was lost for good.
    fn put(&mut self, event: &Arc<Event>) -> bool {
        let Waiting { changes, messages, refusals } = &mut self.waiting;
        let (count, most) = match &**event {
            Event::Changed { .. } | Event::State(_) | Event::Timeline { .. } => (changes, CHANGES),
            Event::Message { .. } => (messages, MESSAGES),
            Event::Refused { .. } | Event::Unknown(_) => (refusals, REFUSALS),
            Event::Status(_) | Event::Schema(_) => {
                // The newest wins.
                let kind = std::mem::discriminant(&**event);
                self.events.retain(|waiting| std::mem::discriminant(&**waiting) != kind);
                self.events.push_back(Arc::clone(event));
                return false;
            }
        };
        if *count < most {
            *count += 1;
            self.events.push_back(Arc::clone(event));
            return false;
        }
        let is_in_tick = matches!(**event, Event::Changed { .. } | Event::State(_) | Event::Timeline { .. });
        self.coalesced |= is_in_tick;
        !is_in_tick
    }

    fn put_tick(&mut self, tick: &Arc<Tick>) {
        self.since.get_or_insert(tick.heard);
        if let Some(unread) = self.tick.replace(Arc::clone(tick)) {
            if self.overtaken.len() == OVERTAKEN {
                self.overtaken.pop_front();
            }
            self.overtaken.push_back(unread);
        }
        self.last = Some(Arc::clone(tick));
    }
}

struct Shared {
    contents: Mutex<Contents>,
    filled: Condvar,
    health: Arc<Health>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end that the hop thread writes. Never waits for the reader.
#[derive(Clone)]
pub struct Slot(Arc<Shared>);

/// The end that an output or control reads.
pub struct Feed(Arc<Shared>);

/// Ends a reader from another thread.
#[derive(Clone)]
pub struct Closer(Slot);

impl Closer {
    /// Tells the reader to stop.
    pub fn close(&self) {
        self.0.close();
    }
}

/// The news for a reader.
#[derive(Default)]
pub struct Wake {
    /// The newest tick, if not yet read.
    pub tick: Option<Arc<Tick>>,
    /// When the earliest unread tick was heard, kept or not: what the newest one counts may have happened since then.
    pub since: Option<HostTime>,
    /// Earlier unread ticks, oldest first, as far as kept.
    pub overtaken: Vec<Arc<Tick>>,
    /// The events since the last call, in order. If there is a tick, it is later than all of them.
    pub events: Vec<Arc<Event>>,
    /// Whether changes of the state were left out of the events: only the tick has the whole state. Only with a tick.
    pub coalesced: bool,
    /// Whether another daemon took the lead, before all that is in here: forget what was not sent until then.
    pub silenced: bool,
    /// Whether the daemon is stopping: finish and return.
    pub closed: bool,
}

/// A new mailbox that counts losses in `health`.
pub fn mailbox(health: Arc<Health>) -> (Slot, Feed) {
    let shared = Arc::new(Shared { contents: Mutex::default(), filled: Condvar::new(), health });
    (Slot(Arc::clone(&shared)), Feed(shared))
}

impl Slot {
    /// Puts the newest tick before the unread ones, together with the events that led to it.
    pub fn put(&self, events: &[Arc<Event>], tick: &Arc<Tick>) {
        let mut contents = self.0.lock();
        let lost = events.iter().filter(|event| contents.put(event)).count();
        contents.put_tick(tick);
        drop(contents);
        self.count_lost(lost);
        self.0.filled.notify_one();
    }

    /// Another daemon leads: only the layout of rows that was not read yet still counts.
    pub fn fall_silent(&self) {
        let mut contents = self.0.lock();
        (contents.tick, contents.since) = (None, None);
        contents.overtaken.clear();
        contents.events.retain(|event| matches!(**event, Event::Schema(_)));
        contents.waiting = Waiting::default();
        (contents.coalesced, contents.silenced) = (true, true);
        drop(contents);
        self.0.filled.notify_one();
    }

    /// Appends an event that no tick brings.
    pub fn put_event(&self, event: &Arc<Event>) {
        let lost = self.0.lock().put(event);
        self.count_lost(usize::from(lost));
        self.0.filled.notify_one();
    }

    fn count_lost(&self, lost: usize) {
        if lost > 0 {
            self.0.health.count_dropped(lost as u64);
        }
    }

    /// The settings in the last tick.
    pub fn state(&self) -> Option<Arc<ShowState>> {
        self.0.lock().last.as_ref().map(|tick| Arc::clone(&tick.state))
    }

    /// Tells the reader to stop.
    pub fn close(&self) {
        self.0.lock().closed = true;
        self.0.filled.notify_one();
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.0.lock().closed
    }
}

impl Feed {
    /// What closes this feed alone.
    pub fn closer(&self) -> Closer {
        Closer(Slot(Arc::clone(&self.0)))
    }

    /// Waits for news, or until `deadline`, and takes everything. Returns at once if the deadline has passed. Meanwhile
    /// the calling thread shows the watchdog that it lives.
    pub fn wait(&self, deadline: HostTime) -> Wake {
        let mut contents = self.0.lock();
        threads::beat();
        while contents.tick.is_none() && contents.events.is_empty() && !contents.silenced && !contents.closed {
            let left = host_now().until(deadline);
            if left.is_zero() {
                return Wake::default();
            }
            let left = left.min(threads::BEAT_EVERY);
            contents = self.0.filled.wait_timeout(contents, left).unwrap_or_else(PoisonError::into_inner).0;
            threads::beat();
        }
        let tick = contents.tick.take();
        contents.waiting = Waiting::default();
        Wake {
            // Until the tick comes that has what was left out.
            coalesced: tick.is_some() && std::mem::take(&mut contents.coalesced),
            tick,
            since: contents.since.take(),
            overtaken: contents.overtaken.drain(..).collect(),
            events: contents.events.drain(..).collect(),
            silenced: std::mem::take(&mut contents.silenced),
            closed: contents.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Row, ShowTime, Timeline};

    fn tick(seq: u64) -> Arc<Tick> {
        let row = Row { seq, ..Row::default() };
        Arc::new(Tick {
            row,
            timeline: Timeline::default(),
            state: Arc::default(),
            beating: true,
            heard: HostTime::ZERO,
        })
    }

    fn event(number: usize) -> Arc<Event> {
        Arc::new(Event::Refused { from: String::new(), why: number.to_string() })
    }

    #[test]
    fn a_slow_reader_gets_the_newest_tick_and_every_event_in_order() {
        let (slot, feed) = mailbox(Arc::default());
        (1..=3).for_each(|seq| slot.put(&[], &tick(seq)));
        (1..=3).for_each(|number| slot.put_event(&event(number)));
        let wake = feed.wait(host_now());
        assert_eq!(wake.tick.map(|tick| tick.row.seq), Some(3));
        assert_eq!(wake.overtaken.iter().map(|tick| tick.row.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(wake.events, [event(1), event(2), event(3)]);
        assert!(feed.wait(host_now()).tick.is_none());
    }

    #[test]
    fn a_reader_that_stopped_knows_since_when() {
        let (slot, feed) = mailbox(Arc::default());
        let put = |heard| slot.put(&[], &Arc::new(Tick { heard: HostTime(heard), ..Tick::clone(&tick(1)) }));
        (1..=20).for_each(put);
        assert_eq!(feed.wait(host_now()).since, Some(HostTime(1)));
        assert_eq!(feed.wait(host_now()).since, None);
        put(21);
        assert_eq!(feed.wait(host_now()).since, Some(HostTime(21)));
    }

    #[test]
    fn a_reader_that_stopped_gets_the_last_few_ticks() {
        let (slot, feed) = mailbox(Arc::default());
        (1..=20).for_each(|seq| slot.put(&[], &tick(seq)));
        let wake = feed.wait(host_now());
        assert_eq!(wake.overtaken.first().map(|tick| tick.row.seq), Some(20 - OVERTAKEN as u64));
        assert_eq!(wake.tick.map(|tick| tick.row.seq), Some(20));
    }

    fn changed(on: bool) -> Arc<Event> {
        Arc::new(Event::Changed { change: downbeat_protocol::state::Change::Blackout(on), by: String::new() })
    }

    #[test]
    fn changes_without_room_are_in_the_tick_and_nothing_counts_as_lost() {
        let health = Arc::new(Health::default());
        let (slot, feed) = mailbox(Arc::clone(&health));
        let changes: Vec<_> = (0..5_000).map(|number| changed(number % 2 == 0)).collect();
        slot.put(&changes, &tick(1));
        let (output, address, by) = ("desk".into(), "/go".into(), "rule:go".into());
        let message = Event::Message { output, address, value: None, by, at: ShowTime::ZERO };
        slot.put_event(&Arc::new(message.clone()));
        let wake = feed.wait(host_now());
        assert!(wake.coalesced && wake.tick.is_some());
        assert_eq!(wake.events.len(), CHANGES + 1);
        assert_eq!(**wake.events.last().expect("some"), message, "a message of a rule has a place of its own");
        assert_eq!(health.dropped.load(std::sync::atomic::Ordering::Relaxed), 0);
        slot.put(&changes[..1], &tick(2));
        assert!(!feed.wait(host_now()).coalesced, "all is known again");
    }

    #[test]
    fn what_was_left_out_is_told_with_the_next_tick_and_not_before() {
        let (slot, feed) = mailbox(Arc::default());
        (0..=CHANGES).for_each(|_| slot.put_event(&changed(true)));
        assert!(!feed.wait(host_now()).coalesced, "there is no tick to compare with");
        slot.put(&[], &tick(1));
        assert!(feed.wait(host_now()).coalesced);
    }

    #[test]
    fn of_a_status_only_the_newest_waits() {
        let (slot, feed) = mailbox(Arc::default());
        let status = |uptime| Arc::new(Event::Status(downbeat_protocol::Status { uptime, ..Default::default() }));
        (0..1_000).for_each(|uptime| slot.put_event(&status(f64::from(uptime))));
        assert_eq!(feed.wait(host_now()).events, [status(999.0)]);
    }

    #[test]
    fn too_many_refusals_are_dropped_and_counted() {
        let health = Arc::new(Health::default());
        let (slot, feed) = mailbox(Arc::clone(&health));
        (0..REFUSALS + 5).for_each(|number| slot.put_event(&event(number)));
        assert_eq!(feed.wait(host_now()).events.len(), REFUSALS);
        assert_eq!(health.dropped.load(std::sync::atomic::Ordering::Relaxed), 5);
    }

    #[test]
    fn closing_wakes_a_reader_that_waits_for_ever() {
        let (slot, feed) = mailbox(Arc::default());
        let reader = std::thread::spawn(move || feed.wait(HostTime(i64::MAX)).closed);
        slot.close();
        assert!(reader.join().expect("reader ends"));
    }
}
