//! The daemon's own key, those that it knows, and those that would like to be known.

mod admin;
mod codes;
mod own;
mod pairing;
mod waiting;

pub use codes::{Codes, EnterError};
pub use own::Keys;
