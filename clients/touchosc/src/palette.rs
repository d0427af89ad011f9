//! Colours and their meanings. Everything is dark until it matters.

use crate::control::Colour;
use downbeat_protocol::tree::Group;

/// The background.
pub const GROUND: Colour = [0.045, 0.05, 0.06, 1.0];
/// Transparent: text without background, pads.
pub const CLEAR: Colour = [0.0, 0.0, 0.0, 0.0];
/// Text.
pub const TEXT: Colour = [0.93, 0.94, 0.96, 1.0];
/// Good: the beat can be trusted.
pub const WELL: Colour = [0.20, 0.85, 0.45, 1.0];
/// Tempo and beat.
pub const TEMPO: Colour = [1.0, 0.70, 0.20, 1.0];
/// The downbeat.
pub const DOWNBEAT: Colour = [1.0, 0.36, 0.20, 1.0];
/// Layers and scenes: the picture.
pub const SCENE: Colour = [0.28, 0.62, 1.0, 1.0];
/// Parameters.
pub const PARAMETER: Colour = [0.68, 0.48, 1.0, 1.0];
/// Levels: the sound.
pub const LEVEL: Colour = [0.25, 0.80, 0.78, 1.0];
/// Stands still.
pub const FREEZE: Colour = [0.55, 0.85, 1.0, 1.0];
/// Stops the show.
pub const DANGER: Colour = [0.95, 0.16, 0.20, 1.0];
/// Stored changes.
const CUE: Colour = [0.98, 0.45, 0.72, 1.0];
/// Setup rather than play.
const PLAIN: Colour = [0.62, 0.66, 0.72, 1.0];

/// The colour of a group's controls.
pub fn of_group(group: Group) -> Colour {
    match group {
        Group::Tempo => TEMPO,
        Group::Music => LEVEL,
        Group::Show => FREEZE,
        Group::Cues | Group::Editing => CUE,
        Group::Layers => SCENE,
        Group::Parameters => PARAMETER,
        Group::Daemon | Group::Rig => PLAIN,
    }
}
