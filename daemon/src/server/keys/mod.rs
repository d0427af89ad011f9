//! The daemon's own key, those that it knows, and those that would like to be known.

mod admin;
mod codes;
mod own;
mod pairing;
mod passes;
mod waiting;

pub use codes::{Codes, EnterError};
pub use own::Keys;
pub use passes::Passes;
