//! The queue of events for the program.

use downbeat_protocol::Event;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Events kept for a program that does not read.
const KEPT: usize = 1_024;

/// A queue of events, in order. If the program does not read it, the oldest are dropped and counted: the newest matter
/// more, and the state is in the [`View`](super::View) anyway.
#[derive(Debug)]
pub struct Events(Arc<Queue>);

/// The end that the session writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Event>,
    dropped: u64,
}

impl Queue {
    pub(super) fn put(&self, event: Event) {
        let mut waiting = self.lock();
        if waiting.events.len() == KEPT {
            waiting.events.pop_front();
            waiting.dropped += 1;
        }
        waiting.events.push_back(event);
        drop(waiting);
        self.filled.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self(queue)
    }

    /// The next event, if there is one.
    pub fn try_next(&self) -> Option<Event> {
        self.0.lock().events.pop_front()
    }

    /// Waits for the next event, up to a timeout.
    pub fn next(&self, at_most: Duration) -> Option<Event> {
        let waiting = self.0.lock();
        let empty = |waiting: &mut Waiting| waiting.events.is_empty();
        let (mut waiting, _) =
            self.0.filled.wait_timeout_while(waiting, at_most, empty).unwrap_or_else(PoisonError::into_inner);
        waiting.events.pop_front()
    }

    /// Events that were dropped because they were not read.
    pub fn dropped(&self) -> u64 {
        self.0.lock().dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: usize) -> Event {
        Event::Refused { from: String::new(), why: number.to_string() }
    }

    #[test]
    fn a_program_that_does_not_read_keeps_the_newest_and_learns_how_many_it_missed() {
        let queue = Arc::new(Queue::default());
        let events = Events::new(Arc::clone(&queue));
        (0..KEPT + 3).for_each(|number| queue.put(event(number)));
        assert_eq!(events.dropped(), 3);
        assert_eq!(events.try_next(), Some(event(3)));
        assert_eq!(std::iter::from_fn(|| events.try_next()).last(), Some(event(KEPT + 2)));
        assert_eq!(events.next(Duration::ZERO), None);
    }
}
