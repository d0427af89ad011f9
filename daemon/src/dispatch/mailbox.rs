//! A mailbox: the newest tick and a few before it, and a bounded queue of events.

use super::Health;
use crate::clock::host_now;
use downbeat_engine::Tick;
use downbeat_protocol::{Event, HostTime};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Maximum of events for a slow reader; beyond it the newest is dropped and counted.
const EVENTS: usize = 256;

/// Ticks before the newest kept for a slow reader; beyond it the oldest is dropped. Four hops are 21 ms: later than
/// that, a row is too late for its frame.
const OVERTAKEN: usize = 3;

#[derive(Default)]
struct Contents {
    tick: Option<Arc<Tick>>,
    /// Earlier ones that were not read.
    overtaken: VecDeque<Arc<Tick>>,
    /// The last tick read or replaced.
    last: Option<Arc<Tick>>,
    events: VecDeque<Arc<Event>>,
    closed: bool,
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

/// The news for a reader.
#[derive(Default)]
pub struct Wake {
    /// The newest tick, if not yet read.
    pub tick: Option<Arc<Tick>>,
    /// Earlier unread ticks, oldest first, as far as kept.
    pub overtaken: Vec<Arc<Tick>>,
    /// The events since the last call, in order.
    pub events: Vec<Arc<Event>>,
    /// Whether the daemon is stopping: finish and return.
    pub closed: bool,
}

/// A new mailbox that counts losses in `health`.
pub fn mailbox(health: Arc<Health>) -> (Slot, Feed) {
    let shared = Arc::new(Shared { contents: Mutex::default(), filled: Condvar::new(), health });
    (Slot(Arc::clone(&shared)), Feed(shared))
}

impl Slot {
    /// Puts the newest tick before the unread ones.
    pub fn put_tick(&self, tick: &Arc<Tick>) {
        let mut contents = self.0.lock();
        if let Some(unread) = contents.tick.replace(Arc::clone(tick)) {
            if contents.overtaken.len() == OVERTAKEN {
                contents.overtaken.pop_front();
            }
            contents.overtaken.push_back(unread);
        }
        contents.last = Some(Arc::clone(tick));
        drop(contents);
        self.0.filled.notify_one();
    }

    /// The last tick once more, without a beat: a reader that plays the beat stops.
    pub fn fall_silent(&self) {
        let mut contents = self.0.lock();
        if let Some(last) = contents.last.take() {
            contents.tick = Some(Arc::new(Tick { beating: false, ..Tick::clone(&last) }));
        }
        drop(contents);
        self.0.filled.notify_one();
    }

    /// Appends an event, or drops and counts it if the reader is too far behind.
    pub fn put_event(&self, event: &Arc<Event>) {
        let mut contents = self.0.lock();
        if contents.events.len() < EVENTS {
            contents.events.push_back(Arc::clone(event));
        } else {
            self.0.health.count_dropped(1);
        }
        drop(contents);
        self.0.filled.notify_one();
    }

    /// Tells the reader to stop.
    pub fn close(&self) {
        self.0.lock().closed = true;
        self.0.filled.notify_one();
    }
}

impl Feed {
    /// Waits for news, or until `deadline`, and takes everything. Returns at once if the deadline has passed.
    pub fn wait(&self, deadline: HostTime) -> Wake {
        let mut contents = self.0.lock();
        while contents.tick.is_none() && contents.events.is_empty() && !contents.closed {
            let left = host_now().until(deadline);
            if left.is_zero() {
                return Wake::default();
            }
            contents = self.0.filled.wait_timeout(contents, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Wake {
            tick: contents.tick.take(),
            overtaken: contents.overtaken.drain(..).collect(),
            events: contents.events.drain(..).collect(),
            closed: contents.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Row, Timeline};

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
        (1..=3).for_each(|seq| slot.put_tick(&tick(seq)));
        (1..=3).for_each(|number| slot.put_event(&event(number)));
        let wake = feed.wait(host_now());
        assert_eq!(wake.tick.map(|tick| tick.row.seq), Some(3));
        assert_eq!(wake.overtaken.iter().map(|tick| tick.row.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(wake.events, [event(1), event(2), event(3)]);
        assert!(feed.wait(host_now()).tick.is_none());
    }

    #[test]
    fn a_reader_that_stopped_gets_the_last_few_ticks() {
        let (slot, feed) = mailbox(Arc::default());
        (1..=20).for_each(|seq| slot.put_tick(&tick(seq)));
        let wake = feed.wait(host_now());
        assert_eq!(wake.overtaken.first().map(|tick| tick.row.seq), Some(20 - OVERTAKEN as u64));
        assert_eq!(wake.tick.map(|tick| tick.row.seq), Some(20));
    }

    #[test]
    fn a_full_queue_drops_the_newest_event_and_counts_it() {
        let health = Arc::new(Health::default());
        let (slot, feed) = mailbox(Arc::clone(&health));
        (0..EVENTS + 5).for_each(|number| slot.put_event(&event(number)));
        assert_eq!(feed.wait(host_now()).events.len(), EVENTS);
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
