//! The edge: notes that arrive at a MIDI port, through midir.

use crate::dispatch::Health;
use crate::midi_port::Direction;
use crossbeam_channel::Sender;
use downbeat_engine::notes::Arrival;
use midir::os::unix::VirtualInput;
use midir::{Ignore, MidiInput, MidiInputConnection, MidiInputPort};
use std::sync::Arc;

/// The name of our port, as other programs see it.
const PORT: &str = "in";

/// Messages come in.
pub struct In {
    /// Where they go.
    pub arrivals: Sender<Arrival>,
    /// Counts them.
    pub health: Arc<Health>,
}

impl Direction for In {
    type Client = MidiInput;
    type Connection = MidiInputConnection<()>;

    fn client(name: &str) -> Option<MidiInput> {
        let mut client = MidiInput::new(name).ok()?;
        // Clocks and dumps are no notes.
        client.ignore(Ignore::All);
        Some(client)
    }

    fn connect(&mut self, client: MidiInput, port: Option<&MidiInputPort>) -> Result<MidiInputConnection<()>, String> {
        let (arrivals, health) = (self.arrivals.clone(), Arc::clone(&self.health));
        let hear = move |_, message: &[u8], (): &mut ()| {
            if let Some(arrival) = Arrival::of(message) {
                match arrivals.try_send(arrival) {
                    Ok(()) => health.count_sent(),
                    Err(_) => health.count_dropped(1),
                }
            }
        };
        match port {
            Some(port) => client.connect(port, PORT, hear, ()).map_err(|error| error.to_string()),
            None => client.create_virtual(PORT, hear, ()).map_err(|error| error.to_string()),
        }
    }

    fn disconnected(&mut self) {
        // Nobody will say that the keys were let go. Where there is no room, the next messages tell soon enough.
        let _ = self.arrivals.try_send(Arrival::Gone);
    }
}
