//! Samples from a JACK server, and MIDI to it.

use std::time::Duration;

use crate::{Block, Got, MidiOut, Report, Source};

/// How to take part in a JACK graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JackSettings {
    /// Our name in the graph. JACK appends a number where it is taken.
    pub client: String,
    /// The server's name; `None` is the default server (`$JACK_DEFAULT_SERVER`, or else `default`).
    pub server: Option<String>,
    /// The buses: each gets the ports `NAME_left` and `NAME_right`.
    pub buses: Vec<BusInput>,
    /// Whether to have the port `midi_out`.
    pub midi_out: bool,
}

/// One bus and what is to be connected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusInput {
    /// The bus' name.
    pub name: String,
    /// Names of output ports, or patterns with `*`, in order of preference. The first match is connected to the left
    /// input and the second to the right; a single one to both.
    pub connect: Vec<String>,
}

/// Samples from a JACK server.
#[derive(Debug)]
pub struct JackSource {}

impl JackSource {
    /// Begins to follow a JACK server. It never fails: while the server is absent, the source keeps trying.
    pub fn open(_settings: JackSettings) -> Self {
        Self {}
    }

    /// The way to the port `midi_out`. Without that port (see [`JackSettings::midi_out`]) it is never connected.
    pub fn midi(&self) -> MidiOut {
        MidiOut
    }
}

impl Source for JackSource {
    fn next(&mut self, _block: &mut Block, timeout: Duration) -> Got {
        std::thread::sleep(timeout);
        Got::Nothing
    }

    fn report(&self) -> Report {
        Report::default()
    }
}
