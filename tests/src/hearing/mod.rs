//! The quality of hearing: music with truth, reports about it, scores, and tables.
//!
//! The audience's clock counts: an event happens at the later of its own time and that of its report. Predicting is
//! free, lagging costs. Scores are those of mir_eval (Raffel et al. 2014), comparable with published ones.

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
