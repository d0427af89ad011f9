//! A white flash on every whole second, to measure time differences between the screens of a wall.

use super::{Scene, parameter};

/// White for the first 100 ms of every second of show time, nearly black otherwise, on the whole slice of each node.
///
/// Film it and run `downbeatctl skew --video FILE`; see `docs/wall.md`. Between the flashes a thin bar sweeps over the
/// slice once a second, so that a single photograph shows differences too: 1 ms is a thousandth of the slice's width,
/// 1.9 pixels of 1920.
///
/// One flash a second is below the limit of three in WCAG 2.3.1.
pub const SCENE: Scene = Scene {
    name: "flash",
    shader: include_str!("../../shaders/flash.wgsl"),
    parameters: &[parameter("intensity", 1.0, [0.0, 1.0], "brightness of flash, bar and frame")],
    remembers: false,
};
