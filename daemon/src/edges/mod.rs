//! What outputs and controls stand on: the bytes of protocols that several of them speak, and why one cannot be opened.

mod error;
pub mod osc;

pub use error::OpenError;
