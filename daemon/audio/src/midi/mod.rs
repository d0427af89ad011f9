//! MIDI messages on their way into JACK's callback.

mod event;
mod out;
mod schedule;

pub use out::{MidiFull, MidiOut};

pub(crate) use schedule::Schedule;
