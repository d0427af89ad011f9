//! JACK and files in, samples with their times out, due MIDI events back.

mod block;
mod file;
mod jack;
mod midi_out;
mod source;

pub use block::Block;
pub use file::{FileError, FileSettings, FileSource, Pace, Recording, decode};
pub use jack::{BusInput, JackSettings, JackSource};
pub use midi_out::{MidiFull, MidiOut};
pub use source::{Got, Report, Source};
