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
pub use jack::{BusInput, JackLease, JackLeases, JackSettings, JackSource};
pub use midi::{MidiFull, MidiOut};
pub use source::{Got, Report, Source};

/// Lets the tests forbid allocations in what has to be real-time safe.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;
