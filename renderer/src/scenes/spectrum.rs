//! The spectrum as a skyline: readable from the back of the hall.

use super::{Scene, parameter};

/// See the module.
pub const SCENE: Scene = Scene {
    name: "spectrum",
    shader: include_str!("../../shaders/spectrum.wgsl"),
    parameters: &[
        parameter("intensity", 1.0, [0.0, 2.0], "height of the bars and overall brightness"),
        parameter("hue", 0.74, [0.0, 1.0], "the main colour, in turns"),
        parameter("glow", 0.8, [0.0, 2.0], "light around bars and behind the skyline"),
        parameter("detail", 0.7, [0.0, 1.0], "ridges behind the bars, segments in them"),
        parameter("pulse", 0.8, [0.0, 1.0], "the arch that each beat sends out"),
    ],
    remembers: false,
};
