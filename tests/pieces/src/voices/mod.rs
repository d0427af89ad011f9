//! Pitched instruments.

mod bass;
mod chord;
mod lead;
mod plucked;
mod singer;

pub use bass::Bass;
pub use chord::Chord;
pub use lead::Lead;
pub use singer::{Mouth, VOWELS};
