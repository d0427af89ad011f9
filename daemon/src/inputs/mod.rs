//! Inputs besides audio.

pub mod notes;
