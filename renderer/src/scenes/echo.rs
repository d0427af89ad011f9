//! Strokes that echo: feedback of the previous picture.

use super::{Scene, parameter};

/// See `shaders/echo.wgsl`.
pub const SCENE: Scene = Scene {
    name: "echo",
    shader: include_str!("../../shaders/echo.wgsl"),
    parameters: &[
        parameter("intensity", 1.0, [0.0, 2.0], "overall brightness"),
        parameter("hue", 0.18, [0.0, 1.0], "the main colour, in turns"),
        parameter("swing", 1.0, [0.0, 2.0], "how far the spectrum bends the ribbons"),
        parameter("drift", 1.0, [0.0, 2.0], "how fast echoes flow outwards"),
        parameter("spin", 1.0, [-2.0, 2.0], "how far echoes turn"),
        parameter("trail", 1.0, [0.0, 1.0], "how long echoes last"),
    ],
    remembers: true,
};
