//! JACK and files in, samples with their times out, due MIDI events back.

mod block;
#[cfg(feature = "jack")]
mod block_ring;
#[cfg(feature = "jack")]
mod dll;
mod file;
mod host_time;
#[cfg(feature = "jack")]
mod jack;
#[cfg(feature = "jack")]
mod midi;
pub mod pattern;
#[cfg(feature = "jack")]
mod process;
#[cfg(feature = "jack")]
mod signal;
mod source;

pub use block::Block;
pub use file::{FileError, FileSettings, FileSource, Pace, PatientFiles, Recording, decode, decode_bytes};
#[cfg(feature = "jack")]
pub use jack::{BusInput, JackLease, JackLeases, JackSettings, JackSource, peers};
#[cfg(feature = "jack")]
pub use midi::{MidiFull, MidiOut};
pub use source::{Got, Report, Source};

/// Lets the tests forbid allocations in real-time code.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;
