//! The entries of the tree with their own place and size. All others are laid out by kind.

use crate::control::Colour;
use crate::palette::{DANGER, DOWNBEAT, FREEZE, TEMPO};

/// The tempo as text.
pub const TEMPO_TEXT: &str = "/tempo/text";
/// Whether the beat can be trusted.
pub const LOCK: &str = "/tempo/lock";
/// Confidence in the tempo.
pub const CONFIDENCE: &str = "/tempo/confidence";
/// The state of the music.
pub const MUSIC: &str = "/music/state";
/// The lamps of the beats, counted from 1.
pub const BEAT: &str = "/beat/NUMBER";
/// A nudge of the beat: two buttons, one each way.
pub const NUDGE: &str = "/tempo/nudge";
/// The step of a press, in milliseconds.
pub const NUDGE_MS: f32 = 10.0;
/// A parameter.
pub const PARAMETER: &str = "/param/PARAMETER";
/// The button that returns it to its mapping.
pub const AUTO: &str = "/param/PARAMETER/auto";
/// A cue.
pub const CUE: &str = "/cue/CUE/fire";
/// The signals shown as meters: the level and the bands of the first bus.
pub const METERS: [&str; 2] = ["main.level", "main.band."];

/// An address of the OSC control itself, not in the tree: its refusals.
pub const ERROR: &str = "/error";

/// A control of the first page.
pub struct Tool {
    /// The entry's address.
    pub address: &'static str,
    /// Columns and rows.
    pub size: (usize, usize),
    /// Its colour.
    pub colour: Colour,
}

/// Controls needed in a hurry, in order of layout.
pub const TOOLS: [Tool; 13] = [
    tool("/tempo/tap", (3, 6), TEMPO),
    tool(NUDGE, (2, 3), TEMPO),
    tool("/tempo/one", (2, 3), DOWNBEAT),
    tool("/tempo/listen", (1, 3), TEMPO),
    tool("/show/undo", (1, 3), FREEZE),
    tool("/show/freeze", (1, 3), FREEZE),
    tool("/show/blackout", (2, 3), DANGER),
    tool("/tempo/halve", (1, 3), TEMPO),
    tool("/tempo/double", (1, 3), TEMPO),
    tool("/tempo/hold", (2, 3), TEMPO),
    tool("/tempo/range/lock", (2, 3), TEMPO),
    tool("/levels/freeze", (1, 3), FREEZE),
    tool("/show/panic/black", (2, 3), DANGER),
];

const fn tool(address: &'static str, size: (usize, usize), colour: Colour) -> Tool {
    Tool { address, size, colour }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::tree::ENTRIES;

    #[test]
    fn every_known_entry_is_in_the_tree() {
        let known =
            [TEMPO_TEXT, LOCK, MUSIC, BEAT, PARAMETER, AUTO, CUE].into_iter().chain(TOOLS.map(|tool| tool.address));
        for address in known {
            assert!(ENTRIES.iter().any(|entry| entry.address == address), "{address}");
        }
    }
}
