//! The way in: messages of a box, with the moment at which each came.

use crate::clock::host_now;
use crate::dispatch::Health;
use crate::midi_port::Direction;
use crossbeam_channel::Sender;
use downbeat_protocol::HostTime;
use midir::os::unix::VirtualInput;
use midir::{Ignore, MidiInput, MidiInputConnection, MidiInputPort};
use std::sync::Arc;

/// The name of our port, as other programs see it.
const PORT: &str = "in";

/// A message that came.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its bytes.
    pub bytes: [u8; 3],
    /// When.
    pub at: HostTime,
}

/// Messages come in. JACK hands them over on its own thread: nothing here waits.
pub struct In {
    /// Where they go.
    pub arrivals: Sender<Arrival>,
    /// Counts those for which there was no room.
    pub health: Arc<Health>,
}

impl Direction for In {
    type Client = MidiInput;
    type Connection = MidiInputConnection<()>;

    fn client(name: &str) -> Option<MidiInput> {
        let mut client = MidiInput::new(name).ok()?;
        client.ignore(Ignore::All);
        Some(client)
    }

    fn connect(&mut self, client: MidiInput, port: Option<&MidiInputPort>) -> Result<MidiInputConnection<()>, String> {
        let (arrivals, health) = (self.arrivals.clone(), Arc::clone(&self.health));
        let hear = move |_, message: &[u8], (): &mut ()| {
            if let Ok(bytes) = message.try_into()
                && arrivals.try_send(Arrival { bytes, at: host_now() }).is_err()
            {
                health.count_dropped(1);
            }
        };
        match port {
            Some(port) => client.connect(port, PORT, hear, ()).map_err(|error| error.to_string()),
            None => client.create_virtual(PORT, hear, ()).map_err(|error| error.to_string()),
        }
    }
}
