//! The input: messages of a box, each with its arrival time, and the end of the connection.

use crate::clock::host_now;
use crate::dispatch::Health;
use crate::midi_port::Receiver;
use crossbeam_channel::Sender;
use downbeat_protocol::HostTime;
use std::sync::Arc;
use std::time::Duration;

/// How long the end of a connection waits for room behind the messages before it; they are taken at once.
const PATIENCE: Duration = Duration::from_secs(1);

/// What comes from a box.
#[derive(Clone, Copy, Debug)]
pub enum Arrival {
    /// A message, with its bytes and its arrival time.
    Message([u8; 3], HostTime),
    /// The connection has ended.
    Gone,
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
            && self.arrivals.try_send(Arrival::Message(bytes, host_now())).is_err()
        {
            self.health.count_dropped(1);
        }
    }

    fn gone(&self) {
        // No releases will follow. This is not the thread of the MIDI system, so it may wait for its place.
        let _ = self.arrivals.send_timeout(Arrival::Gone, PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_connection_comes_behind_its_messages() {
        let (arrivals, arrived) = crossbeam_channel::bounded(2);
        let port = Arrivals { arrivals, health: Arc::default() };
        port.take(&[0x90, 36, 127]);
        port.gone();
        let came: Vec<Arrival> = arrived.try_iter().collect();
        assert!(matches!(came[..], [Arrival::Message([0x90, 36, 127], _), Arrival::Gone]), "{came:?}");
    }
}
