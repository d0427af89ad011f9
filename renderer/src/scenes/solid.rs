//! A flat colour.

use super::{Scene, parameter};

/// See the module.
pub const SCENE: Scene = Scene {
    name: "solid",
    shader: include_str!("../../shaders/solid.wgsl"),
    parameters: &[
        parameter("intensity", 1.0, [0.0, 2.0], "how bright"),
        parameter("hue", 0.62, [0.0, 1.0], "the colour, in turns"),
        parameter("follow", 0.0, [0.0, 1.0], "how much brightness follows the level"),
    ],
    remembers: false,
};
