//! The program around the picture: a node of a wall, from its configuration to its end.

mod frame_loop;
mod frames_log;
mod headless;
mod link;
mod monitors;
mod plan;
mod png;
mod present;
mod surface;
mod systemd;
mod window;

use frame_loop::FrameLoop;
use link::Link;
use plan::{Plan, Step};

pub use monitors::list as list_monitors;

use crate::config::{Config, Mode};
use crate::gpu::GpuError;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Why a node exits early.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// No graphics adapter.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No display.
    #[error("no display ({0}). Set DISPLAY or WAYLAND_DISPLAY, or write pictures with --headless FOLDER")]
    NoDisplay(String),
    /// Pictures cannot be written.
    #[error("cannot write pictures to {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Frames cannot be logged.
    #[error("display.frames-log: cannot write {}: {source}", path.display())]
    FramesLog {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The system cannot start a thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl NodeError {
    /// The exit status, as in `sysexits.h`.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Gpu(_) | Self::NoDisplay(_) => 69,
            Self::Thread(_) => 71,
            Self::Folder { .. } | Self::FramesLog { .. } => 74,
        }
    }
}

/// Draws until `stop` is set, the window is closed, or all requested pictures are written.
///
/// # Errors
/// Only faults that make drawing impossible from the start. The daemon may be absent, and an adapter may be lost and
/// found.
pub fn run(config: Config, stop: &Arc<AtomicBool>) -> Result<(), NodeError> {
    match config.display.mode {
        Mode::Headless => headless::run(&config, stop),
        Mode::Window | Mode::Fullscreen => window::run(config, stop),
    }
}
