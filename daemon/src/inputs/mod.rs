//! What the daemon hears beside audio.

pub mod notes;
