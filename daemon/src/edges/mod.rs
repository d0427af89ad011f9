//! The common base of outputs and controls.
//!
//! | file | noun |
//! |---|---|
//! | `error` | why one does not open |
//! | `osc` | OSC as bytes |
//! | `transport`, `udp_peer`, `tcp_peer`, `resolver` | a destination by UDP or TCP, present or not |
//! | `mdns` | announcements on the local network |
//! | `liveness`, `progress` | connections whose other side has gone, or takes nothing |
//! | `places`, `kin` | places for connections, shared fairly among hosts; the addresses of the rig |
//! | `own` | which addresses are this machine's |
//! | `osc_ports` | where controls take OSC |
//! | `worth`, `unsent` | what a packet is worth when it is late; those that wait until sending works again (pure) |
//! | `value_sender`, `scale` | how a number is sent: range, change, repeat (pure) |
//! | `cadence`, `allowance`, `refresh` | the rate of sending; how often something may happen; what is told once more (pure) |

pub mod allowance;
pub mod cadence;
mod error;
pub mod kin;
pub mod liveness;
pub mod mdns;
pub mod osc;
pub mod osc_ports;
pub mod own;
pub mod places;
pub mod progress;
pub mod refresh;
mod resolver;
pub mod scale;
pub mod tcp_peer;
pub mod transport;
pub mod udp_peer;
mod unsent;
pub mod value_sender;
pub mod worth;

pub use error::OpenError;
