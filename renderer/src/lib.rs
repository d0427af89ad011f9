//! The renderer: follows the daemon and draws its part of the picture.
//!
//! A picture is a function only of the show's state, the rows, the timeline, the show time and the seed: no wall clock,
//! no frame rate, no slice, no adapter. So every node of a wall draws the same canvas, each its own slice, without
//! communicating with the others.
//!
//! * [`config`]: the configuration
//! * [`scenes`]: the visual programs; the table [`SCENES`](scenes::SCENES)
//! * [`feed`], [`moment`]: the numbers of one moment, from the daemon or from [`rehearsal`]
//! * [`schedule`], [`presence`]: which frame is due, and what to show without the daemon; pure
//! * [`hold`]: whether to draw a frame or to keep the last picture; pure
//! * [`pace`], [`landings`]: when to begin a frame, and how late it was handed over; pure
//! * [`digest`]: digests of pictures, for comparing nodes; pure
//! * [`painter`], [`gpu`]: the picture
//! * [`node`]: the program around it: session, window or PNG files, reports
//!
//! Without the feature `gpu` only what reads others' data is built, for programs that check it.

pub mod config;

#[cfg(feature = "gpu")]
pub mod digest;
pub mod feed;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "gpu")]
pub mod hold;
#[cfg(feature = "gpu")]
pub mod landings;
pub mod moment;
#[cfg(feature = "gpu")]
pub mod node;
#[cfg(feature = "gpu")]
pub mod pace;
#[cfg(feature = "gpu")]
pub mod painter;
#[cfg(feature = "gpu")]
pub mod presence;
pub mod rehearsal;
#[cfg(feature = "gpu")]
pub mod scenes;
#[cfg(feature = "gpu")]
pub mod schedule;
#[cfg(feature = "gpu")]
pub mod still;
