//! The configuration of a node: its daemon, the canvas, its slice, and its display.
//!
//! `config/renderer.toml` in the source tree is the embedded default and the documentation of every key.

mod flags;
mod load;

pub use downbeat_config::{Fault, Snapshot};
pub use flags::Flags;
pub use load::{DEFAULTS, load, of};

use downbeat_config::nearest::by_name;
use serde::Deserialize;
use std::path::PathBuf;

/// The configuration of a node.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Its identity and its daemon.
    pub node: Node,
    /// The whole picture.
    pub canvas: Canvas,
    /// This node's part of it.
    pub slice: Slice,
    /// The display.
    pub display: Display,
    /// Output to files, without a display.
    pub headless: Headless,
}

/// The identity of a node and its daemon.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Its name on the operator's page.
    pub name: String,
    /// The daemon, `host:port` or `host:port@interface`; its standby, or another way to it, after a comma.
    pub server: String,
    /// The folder of its key and its paired daemons; the default one if empty.
    pub keys: String,
    /// Follow daemons on other machines without verifying them.
    pub allow_unpaired: bool,
    /// Follow only the show of this name; empty follows any.
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

/// A part of the canvas, in canvas pixels. Width or height 0 extends to the edge of the canvas.
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

/// The display.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Display {
    /// Window, whole monitor, or files.
    pub mode: Mode,
    /// The monitor's name or its number in `--list-monitors`; empty is the system's first.
    pub monitor: String,
    /// Frames per second, 1..=480.
    pub fps: u32,
    /// Playout delay: how long before a frame's moment its rows were heard, in milliseconds, 0..=1000, so that they can
    /// reach every node.
    pub playout_delay_ms: f64,
    /// The display's delay from receiving a frame to showing it, in milliseconds, 0..=500: frames are handed over that
    /// much earlier.
    pub latency_ms: f64,
    /// Show a test card instead of the layers.
    pub test_card: bool,
    /// CSV file that logs each frame; none if empty.
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

/// Output to files, without a display.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Headless {
    /// The folder for the files, created if missing. No files if empty.
    pub directory: PathBuf,
    /// Draws and writes only frames whose number is a multiple of this; at least 1.
    pub every: u32,
    /// Exits after this many files, or rests as a service; 0 is never.
    pub count: u64,
    /// How long after its moment a frame is drawn, in milliseconds, 0..=1000: nothing waits for it, and late rows still
    /// count.
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
