//! The handle for sending MIDI.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use rtrb::{Producer, RingBuffer};
use thiserror::Error;

use super::Schedule;
use super::event::{Event, QUEUE};

/// Sends MIDI messages to JACK's process callback. Cheap to clone; survives restarts of the server.
/// The default one belongs to no source and is never connected.
///
/// A message is due when the sample at its place plays, in JACK's own sense: the frame at offset `k` of a cycle that
/// began at `t` is due at `t + k / rate`. Receivers on the port hear it later by that path's playback latency as
/// reported by JACK, exactly as with audio. Messages come out in the order of their due times, those of the same moment
/// in the order of sending; overdue ones at once.
#[derive(Clone, Debug, Default)]
pub struct MidiOut {
    link: Arc<Link>,
}

/// The message was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the MIDI queue to JACK is full: the message was dropped; send fewer messages, or less far ahead")]
pub struct MidiFull;

#[derive(Debug, Default)]
struct Link {
    /// Only senders take the lock; the callback owns the other end of the ring.
    queue: Mutex<Queue>,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    events: Option<Producer<Event>>,
    sent: u64,
}

impl MidiOut {
    /// Sends a message of 1 to 3 bytes, due at `due_host_ns` (`CLOCK_MONOTONIC`, nanoseconds).
    ///
    /// Without a server it is dropped, because it would be late. Realtime-safe: no (a short lock among the senders).
    ///
    /// # Errors
    /// [`MidiFull`] if the queue is full. [`Report::midi_dropped`](crate::Report) counts these, and messages sent while
    /// not [`connected`](Self::connected).
    pub fn send(&self, due_host_ns: i64, bytes: &[u8]) -> Result<(), MidiFull> {
        let mut queue = self.queue();
        let event = Event::new(due_host_ns, queue.sent, bytes);
        debug_assert!(event.is_some(), "a MIDI message of 1 to 3 bytes, not {}", bytes.len());
        let (Some(event), Some(events)) = (event, queue.events.as_mut()) else {
            self.count_dropped(1);
            return Ok(());
        };
        if events.push(event).is_err() {
            self.count_dropped(1);
            return Err(MidiFull);
        }
        queue.sent += 1;
        Ok(())
    }

    /// Free places in the queue; none without a server.
    pub fn room(&self) -> usize {
        self.queue().events.as_ref().map_or(0, Producer::slots)
    }

    /// Whether a JACK server plays the messages.
    pub fn connected(&self) -> bool {
        self.queue().events.is_some()
    }

    /// A new queue for a new session with a server. Messages waiting in the last one are lost.
    pub(crate) fn attach(&self) -> Schedule {
        let (sender, receiver) = RingBuffer::new(QUEUE);
        self.queue().events = Some(sender);
        Schedule::new(receiver)
    }

    /// Ends the session with a server.
    pub(crate) fn detach(&self) {
        self.queue().events = None;
    }

    /// Counts lost messages. Realtime-safe: yes.
    pub(crate) fn count_dropped(&self, messages: u64) {
        self.link.dropped.fetch_add(messages, Relaxed);
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.link.dropped.load(Relaxed)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.link.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_and_counts() {
        let midi = MidiOut::default();
        let _schedule = midi.attach();
        assert_eq!(midi.room(), QUEUE);
        let refused = (0..QUEUE + 10).filter(|_| midi.send(0, &[0xF8]).is_err()).count();
        assert_eq!((refused, midi.dropped(), midi.room()), (10, 10, 0));
    }

    #[test]
    fn without_a_server_messages_are_dropped_and_counted() {
        let midi = MidiOut::default();
        assert!(!midi.connected());
        assert_eq!(midi.send(0, &[0xF8]), Ok(()));
        assert_eq!(midi.dropped(), 1);
    }

    #[test]
    fn the_same_handle_reaches_the_next_session() {
        let midi = MidiOut::default();
        let clone = midi.clone();
        drop(midi.attach());
        midi.detach();
        let mut schedule = midi.attach();
        assert!(clone.connected());
        clone.send(0, &[0xFA]).unwrap();
        let mut heard = Vec::new();
        schedule.play(0, 1e6, 64, |offset, bytes| {
            heard.push((offset, bytes.to_vec()));
            true
        });
        assert_eq!(heard, [(0, vec![0xFA])]);
    }
}
