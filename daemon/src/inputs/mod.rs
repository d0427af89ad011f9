//! Inputs besides audio.

pub mod notes;
pub mod score;
