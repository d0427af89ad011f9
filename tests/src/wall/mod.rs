//! A wall of real nodes, each on a host of its own, and what their logs say.
//!
//! All processes of a machine share `CLOCK_MONOTONIC`: what one node did before another is known without their clocks.

mod agreement;
mod clicks;
mod log;
mod rig;

pub use agreement::{Agreement, agreement, spread};
pub use clicks::{Clicker, shown_after};
pub use log::{Shown, read};
pub use rig::{CANVAS, FPS, Node, Rig, Setup};
