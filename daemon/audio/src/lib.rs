//! JACK and files in, samples with their times out, due MIDI events back.

mod block;
mod block_ring;
mod dll;
mod file;
mod host_time;
mod jack;
mod midi;
mod process;
mod signal;
mod source;

pub use block::Block;
pub use file::{FileError, FileSettings, FileSource, Pace, Recording, decode};
pub use jack::{BusInput, JackSettings, JackSource};
pub use midi::{MidiFull, MidiOut};
pub use source::{Got, Report, Source};
