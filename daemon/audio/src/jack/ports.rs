//! The ports of our client.

use ::jack::{AudioIn, Client, MidiOut, Port, PortSpec};

use super::{open::OpenError, settings::JackSettings};

/// All our ports.
pub(super) struct OurPorts {
    /// Left and right of each bus.
    pub(super) inputs: Vec<Port<AudioIn>>,
    /// The full names of the inputs, in pairs.
    pub(super) input_names: Vec<[String; 2]>,
    pub(super) midi: Port<MidiOut>,
}

impl OurPorts {
    /// Registers the inputs of the settings, and the port for MIDI.
    pub(super) fn register(client: &Client, settings: &JackSettings) -> Result<Self, OpenError> {
        let mut inputs = Vec::new();
        let mut input_names = Vec::new();
        for bus in &settings.buses {
            let pair = ["left", "right"].map(|side| format!("{}_{side}", bus.name));
            for name in &pair {
                inputs.push(register(client, settings, name, AudioIn::default())?);
            }
            input_names.push(pair.map(|name| format!("{}:{name}", client.name())));
        }
        let midi = register(client, settings, "midi_out", MidiOut::default())?;
        Ok(Self { inputs, input_names, midi })
    }
}

fn register<S: PortSpec>(client: &Client, settings: &JackSettings, name: &str, spec: S) -> Result<Port<S>, OpenError> {
    let refused = || OpenError::Port { server: settings.server_name(), port: name.to_owned() };
    // A configuration file can contain a NUL, C cannot, and the binding would panic.
    if name.contains('\0') {
        return Err(refused());
    }
    client.register_port(name, spec).map_err(|_| refused())
}
