//! The common base of outputs and controls.
//!
//! | file | noun |
//! |---|---|
//! | `error` | why one does not open |
//! | `osc` | OSC as bytes |
//! | `transport`, `udp_peer`, `tcp_peer`, `resolver` | a destination by UDP or TCP, present or not |
//! | `mdns` | announcements on the local network |
//! | `liveness`, `progress` | connections whose other side has gone, or takes nothing |
//! | `per_host`, `own` | how many connections a host may have; which addresses are this machine's |
//! | `osc_ports` | where controls take OSC |
//! | `worth` | what a packet is worth when it is late |
//! | `value_sender`, `scale` | how a number is sent: range, change, repeat (pure) |
//! | `cadence`, `allowance` | the rate of sending; how often something may happen (pure) |

pub mod allowance;
pub mod cadence;
mod error;
pub mod liveness;
pub mod mdns;
pub mod osc;
pub mod osc_ports;
pub mod own;
pub mod per_host;
pub mod progress;
mod resolver;
pub mod scale;
pub mod tcp_peer;
pub mod transport;
pub mod udp_peer;
pub mod value_sender;
pub mod worth;

pub use error::OpenError;
