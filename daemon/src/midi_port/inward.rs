//! Input, for everything that takes MIDI from a port by name.

use super::Direction;
use midir::os::unix::VirtualInput;
use midir::{Ignore, MidiInput, MidiInputConnection, MidiInputPort};

/// The name of our port, as other programs see it.
const PORT: &str = "in";

/// Takes messages. Called on the thread of the MIDI system: an implementation never waits.
pub trait Receiver: Clone + Send + 'static {
    /// A message has arrived.
    fn take(&self, message: &[u8]);

    /// The connection has ended.
    fn gone(&self) {}
}

/// The direction from the port.
pub struct In<R>(pub R);

impl<R: Receiver> Direction for In<R> {
    type Client = MidiInput;
    type Connection = MidiInputConnection<()>;

    fn client(name: &str) -> Option<MidiInput> {
        let mut client = MidiInput::new(name).ok()?;
        // Clocks and dumps are neither notes nor faders.
        client.ignore(Ignore::All);
        Some(client)
    }

    fn connect(&mut self, client: MidiInput, port: Option<&MidiInputPort>) -> Result<MidiInputConnection<()>, String> {
        let receiver = self.0.clone();
        let take = move |_, message: &[u8], (): &mut ()| receiver.take(message);
        match port {
            Some(port) => client.connect(port, PORT, take, ()).map_err(|error| error.to_string()),
            None => client.create_virtual(PORT, take, ()).map_err(|error| error.to_string()),
        }
    }

    fn disconnected(&mut self) {
        self.0.gone();
    }
}
