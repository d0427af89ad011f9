//! JACK and files in, samples with their times out, due MIDI events back.

/// Hands MIDI messages to JACK's process callback.
#[derive(Clone)]
pub struct MidiOut;
