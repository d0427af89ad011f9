//! Samples from a JACK server, and MIDI to it.

mod callback;
mod clock;
mod close;
mod connections;
mod lease;
mod leases;
mod link;
mod log;
mod neighbour;
mod notifications;
mod open;
mod patchbay;
mod peers;
mod ports;
mod session;
mod settings;
mod source;
mod stall;
mod supervisor;
#[cfg(test)]
mod tests;

pub use lease::JackLease;
pub use leases::JackLeases;
pub use peers::peers;
pub use settings::{BusInput, JackSettings};
pub use source::JackSource;
