//! The edge: notes that arrive at a MIDI port.

use crate::dispatch::Health;
use crate::midi_port::Receiver;
use crossbeam_channel::Sender;
use downbeat_engine::notes::Arrival;
use std::sync::Arc;

/// Notes come in.
#[derive(Clone)]
pub struct Notes {
    /// Where they go.
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
        // Nobody will say that the keys were let go. Where there is no room, the next messages tell soon enough.
        let _ = self.arrivals.try_send(Arrival::Gone);
    }
}
