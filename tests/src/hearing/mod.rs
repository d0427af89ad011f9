//! How well the daemon hears: music with truth, what was said about it, scores, and tables.
//!
//! The clock that counts is the audience's: an event is had at the later of its own time and the moment when it was said.
//! Predicting ahead is free, lagging costs. Scores are those of mir_eval (Raffel et al. 2014), so that they compare with
//! what others publish.

pub mod calibration;
pub mod continuity;
pub mod drums;
pub mod ears;
pub mod grid;
pub mod listening;
pub mod locking;
pub mod matching;
pub mod music;
pub mod peers;
pub mod presence;
pub mod promises;
pub mod quantiles;
pub mod reliability;
pub mod rest;
pub mod rooms;
pub mod said;
mod score;
mod scoring;
pub mod structure;
pub mod summary;
pub mod table;

pub use calibration::Calibration;
pub use ears::Ears;
pub use music::Music;
pub use said::{Kind, Said};
pub use score::Score;
pub use scoring::score;
pub use summary::{Summary, groups};
