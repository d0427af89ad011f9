//! A wall of real nodes, each on its own host, and their logs.
//!
//! All processes of a machine share `CLOCK_MONOTONIC`: the order of events on different nodes is known without their
//! clocks.

mod agreement;
mod clicks;
mod log;
mod rig;

pub use agreement::{Agreement, agreement, spread};
pub use clicks::{Clicker, shown_after};
pub use log::{Shown, read};
pub use rig::{CANVAS, FPS, Node, Rig, Setup};
