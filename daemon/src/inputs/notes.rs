//! Notes from a MIDI port.

use crate::dispatch::Health;
use crate::midi_port::Receiver;
use crossbeam_channel::Sender;
use downbeat_engine::notes::Arrival;
use std::sync::Arc;

/// The receiver of notes.
#[derive(Clone)]
pub struct Notes {
    /// Their queue.
    pub arrivals: Sender<Arrival>,
    /// Counts them.
    pub health: Arc<Health>,
}

impl Receiver for Notes {
    fn take(&self, message: &[u8]) {
        if let Some(arrival) = Arrival::of(message) {
            match self.arrivals.try_send(arrival) {
                Ok(()) => self.health.count_sent(),
                Err(_) => self.health.count_dropped(1),
            }
        }
    }

    fn gone(&self) {
        // No note-offs will follow. If the queue is full, the next messages soon show it.
        let _ = self.arrivals.try_send(Arrival::Gone);
    }
}
