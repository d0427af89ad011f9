//! A flight through a shaft of light, one ring per beat.

use super::{Scene, parameter};

/// See the module.
pub const SCENE: Scene = Scene {
    name: "tunnel",
    shader: include_str!("../../shaders/tunnel.wgsl"),
    parameters: &[
        parameter("intensity", 1.0, [0.0, 2.0], "overall brightness"),
        parameter("hue", 0.62, [0.0, 1.0], "the main colour, in turns"),
        // Whole steps, because the distance travelled must depend only on the beat count.
        parameter("speed", 0.0, [-2.0, 2.0], "rings a beat, in powers of two: 0 is one, 1 is two, -1 is a half"),
        parameter("detail", 0.6, [0.0, 1.0], "how many panels are lit"),
        parameter("punch", 0.7, [0.0, 1.0], "how far the flight is gathered on the beat"),
        parameter("roll", 1.0, [0.0, 2.0], "how far the shaft turns"),
        parameter("beams", 0.7, [0.0, 2.0], "light beams from the far end"),
    ],
    remembers: false,
};
