//! The way in: messages of a box, with the moment at which each came.

use crate::clock::host_now;
use crate::dispatch::Health;
use crate::midi_port::Receiver;
use crossbeam_channel::Sender;
use downbeat_protocol::HostTime;
use std::sync::Arc;

/// A message that came.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its bytes.
    pub bytes: [u8; 3],
    /// When.
    pub at: HostTime,
}

/// Messages of a box.
#[derive(Clone)]
pub struct Arrivals {
    /// Where they go.
    pub arrivals: Sender<Arrival>,
    /// Counts those for which there was no room.
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
