//! The whole rig for hours, with faults by chance from a seed: `make soak HOURS=2`.
//!
//! Each fault says at which parts of the rig it is felt. Everywhere else, and everywhere after it, nothing may be lost.

pub mod desk;
pub mod excuses;
pub mod fault;
pub mod midi;
mod noise;
pub mod plan;
pub mod program;
pub mod pulse;
pub mod report;
pub mod rig;
mod standstill;
pub mod tablet;
pub mod usage;

pub use plan::{Course, Happened, run};
pub use report::Report;
