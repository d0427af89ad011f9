//! The input: messages of a box, each with its arrival time.

use crate::clock::host_now;
use crate::dispatch::Health;
use crate::midi_port::Receiver;
use crossbeam_channel::Sender;
use downbeat_protocol::HostTime;
use std::sync::Arc;

/// A received message.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its bytes.
    pub bytes: [u8; 3],
    /// Its arrival time.
    pub at: HostTime,
}

/// The receiver of a box's messages.
#[derive(Clone)]
pub struct Arrivals {
    /// Their queue.
    pub arrivals: Sender<Arrival>,
    /// Counts those dropped for lack of room.
    pub health: Arc<Health>,
}

impl Receiver for Arrivals {
    fn take(&self, message: &[u8]) {
        if let Ok(bytes) = message.try_into()
            && self.arrivals.try_send(Arrival { bytes, at: host_now() }).is_err()
        {
            self.health.count_dropped(1);
        }
    }
}
