//! The daemon's own key, its known peers, and devices waiting to pair.

mod admin;
mod codes;
mod own;
mod pairing;
mod passes;
mod waiting;

pub use codes::{Codes, EnterError};
pub use own::Keys;
pub use passes::Passes;
