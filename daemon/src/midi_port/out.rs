//! Output, for everything that sends MIDI to a port by name.

use super::Direction;
use midir::os::unix::VirtualOutput;
use midir::{MidiOutput, MidiOutputConnection, MidiOutputPort};

/// The name of our port, as other programs see it.
const PORT: &str = "out";

/// The direction to the port.
pub struct Out;

impl Direction for Out {
    type Client = MidiOutput;
    type Connection = MidiOutputConnection;

    fn client(name: &str) -> Option<MidiOutput> {
        MidiOutput::new(name).ok()
    }

    fn connect(&mut self, client: MidiOutput, port: Option<&MidiOutputPort>) -> Result<MidiOutputConnection, String> {
        match port {
            Some(port) => client.connect(port, PORT).map_err(|error| error.to_string()),
            None => client.create_virtual(PORT).map_err(|error| error.to_string()),
        }
    }
}
