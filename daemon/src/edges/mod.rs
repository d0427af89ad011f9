//! The common base of outputs and controls.
//!
//! | file | noun |
//! |---|---|
//! | `error` | why one does not open |
//! | `osc` | OSC as bytes |
//! | `transport`, `udp_peer`, `tcp_peer`, `resolver` | a destination by UDP or TCP, present or not |
//! | `liveness` | connections whose other side has gone |
//! | `value_sender`, `scale` | how a number is sent: range, change, repeat (pure) |
//! | `cadence` | the rate of sending (pure) |

pub mod cadence;
mod error;
pub mod liveness;
pub mod osc;
mod resolver;
pub mod scale;
pub mod tcp_peer;
pub mod transport;
pub mod udp_peer;
pub mod value_sender;

pub use error::OpenError;
