//! What outputs and controls stand on.
//!
//! | file | noun |
//! |---|---|
//! | `error` | why one cannot be opened |
//! | `osc` | OSC as bytes |
//! | `transport`, `udp_peer`, `tcp_peer`, `resolver` | a peer that is sent to, whether it is there or not |
//! | `value_sender`, `scale` | what is sent of a number: range, change, repeat (pure) |
//! | `cadence` | how often something is sent (pure) |

pub mod cadence;
mod error;
pub mod osc;
mod resolver;
pub mod scale;
pub mod tcp_peer;
pub mod transport;
pub mod udp_peer;
pub mod value_sender;

pub use error::OpenError;
