//! What a node is told: its daemon, the canvas, its slice of it, and where the pixels go.
//!
//! `config/renderer.toml` in the source tree is the embedded default and the documentation of every key.

mod flags;
mod load;

pub use downbeat_config::Fault;
pub use flags::Flags;
pub use load::{DEFAULTS, load};

use downbeat_config::nearest::by_name;
use serde::Deserialize;
use std::path::PathBuf;

/// Everything that a node is told.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Who it is and whom it follows.
    pub node: Node,
    /// The whole picture.
    pub canvas: Canvas,
    /// This node's part of it.
    pub slice: Slice,
    /// Where the pixels go.
    pub display: Display,
    /// How pictures are written when there is no display.
    pub headless: Headless,
}

/// Who it is and whom it follows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// What the operator's page calls it.
    pub name: String,
    /// The daemon, `host:port` or `host:port@interface`; its standby, or another way to it, after a comma.
    pub server: String,
    /// The folder of its key and of the daemons that it knows; the usual one when empty.
    pub keys: String,
    /// Follow daemons on other machines although nobody has checked who they are.
    pub allow_unpaired: bool,
    /// The only show that it follows; empty follows any.
    pub show: String,
}

/// The whole picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Canvas {
    /// Pixels from left to right, 16..=65536.
    pub width: u32,
    /// Pixels from top to bottom, 16..=65536.
    pub height: u32,
}

/// A part of the canvas, in canvas pixels. A width or height of 0 reaches to the canvas' edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Slice {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// Where the pixels go.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Display {
    /// Window, whole monitor, or files.
    pub mode: Mode,
    /// The monitor's name or its number in `--list-monitors`; empty is the one that the system calls the first.
    pub monitor: String,
    /// Frames a second, 1..=480.
    pub fps: u32,
    /// How long before a frame's moment its rows were heard, in milliseconds, 0..=1000: the time that rows have to
    /// arrive at every node.
    pub playout_delay_ms: f64,
    /// How long after a frame was handed over the display shows it, in milliseconds, 0..=500: it is handed over earlier by
    /// that much.
    pub latency_ms: f64,
    /// Show a test card instead of the layers.
    pub test_card: bool,
    /// A file that takes a line for each frame; none when empty.
    pub frames_log: PathBuf,
}

/// Window, whole monitor, or files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Mode {
    /// A window that can be moved and resized.
    Window,
    /// A whole monitor without borders.
    Fullscreen,
    /// PNG files.
    Headless,
}

impl TryFrom<String> for Mode {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = [("window", Self::Window), ("fullscreen", Self::Fullscreen), ("headless", Self::Headless)];
        by_name("mode", &name, &known)
    }
}

/// How pictures are written when there is no display.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Headless {
    /// The folder that takes the files; it is made when it is missing. Nothing is written when empty.
    pub directory: PathBuf,
    /// Frames whose number is a multiple of this are drawn and written; at least 1.
    pub every: u32,
    /// The program ends after so many files; 0 is never.
    pub count: u64,
    /// How long after its moment a frame is drawn, in milliseconds, 0..=1000: nobody waits for it, and late rows
    /// still count.
    pub lag_ms: f64,
}

impl Config {
    /// The slice with its open ends filled in.
    pub fn slice(&self) -> Slice {
        let open = |length: u32, whole: u32, from: u32| if length == 0 { whole.saturating_sub(from) } else { length };
        Slice {
            width: open(self.slice.width, self.canvas.width, self.slice.x),
            height: open(self.slice.height, self.canvas.height, self.slice.y),
            ..self.slice
        }
    }
}
