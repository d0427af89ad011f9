//! The command line. A flag wins over everything else.

use clap::Parser;
use std::path::PathBuf;

/// Draws its part of the canvas, following the daemon.
///
/// Exit status: 0 after SIGINT, SIGTERM, a closed window or the last wanted frame; 2 for a wrong flag; 69 when there
/// is no graphics adapter or no display; 74 when pictures cannot be written; 78 for a wrong configuration.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "downbeat-renderer", version)]
pub struct Flags {
    /// Configuration file; files in FILE.d/*.toml are laid over it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What the operator's page calls this node
    #[arg(long)]
    pub name: Option<String>,
    /// The daemon, HOST:PORT
    #[arg(long, value_name = "HOST:PORT")]
    pub server: Option<String>,
    /// Follow a daemon on another machine although nobody has checked who it is
    #[arg(long)]
    pub allow_unpaired: bool,
    /// The whole picture in pixels, WIDTHxHEIGHT
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub canvas: Option<(u32, u32)>,
    /// This node's part of the canvas in canvas pixels, X,Y,WIDTH,HEIGHT
    #[arg(long, value_name = "X,Y,W,H", value_parser = part)]
    pub slice: Option<[u32; 4]>,
    /// Frames a second
    #[arg(long)]
    pub fps: Option<u32>,
    /// Write PNG files into a folder instead of opening a window
    #[arg(long, value_name = "DIR")]
    pub headless: Option<PathBuf>,
    /// With --headless: write the frames whose number is a multiple of this
    #[arg(long, value_name = "N")]
    pub every: Option<u32>,
    /// With --headless: end after so many files
    #[arg(long, value_name = "N")]
    pub frames: Option<u64>,
    /// Draw without showing or writing anything, for measuring with --frames-log
    #[arg(long, conflicts_with = "headless")]
    pub offscreen: bool,
    /// Write a line for each frame into a file: when it was handed over and what it came down to (CSV)
    #[arg(long, value_name = "FILE")]
    pub frames_log: Option<PathBuf>,
    /// Fill a whole monitor
    #[arg(long, conflicts_with_all = ["headless", "offscreen"])]
    pub fullscreen: bool,
    /// The monitor, by name or by number
    #[arg(long, value_name = "NAME")]
    pub monitor: Option<String>,
    /// Show a test card instead of the layers
    #[arg(long)]
    pub test_card: bool,
    /// Check the configuration and exit
    #[arg(long)]
    pub check: bool,
    /// Name the monitors and end
    #[arg(long)]
    pub list_monitors: bool,
    /// Name the scenes with their parameters and end
    #[arg(long)]
    pub list_scenes: bool,
}

impl Flags {
    /// The keys that the flags set, with their values.
    pub(super) fn overrides(&self) -> Vec<(&'static str, config::Value)> {
        let mut set: Vec<(&'static str, config::Value)> = Vec::new();
        let mut put = |key, value: Option<config::Value>| set.extend(value.map(|value| (key, value)));
        put("node.name", self.name.clone().map(Into::into));
        put("node.server", self.server.clone().map(Into::into));
        put("node.allow-unpaired", self.allow_unpaired.then(|| true.into()));
        put("canvas.width", self.canvas.map(|(width, _)| width.into()));
        put("canvas.height", self.canvas.map(|(_, height)| height.into()));
        for (index, key) in ["slice.x", "slice.y", "slice.width", "slice.height"].into_iter().enumerate() {
            put(key, self.slice.map(|slice| slice[index].into()));
        }
        put("display.fps", self.fps.map(Into::into));
        put("display.monitor", self.monitor.clone().map(Into::into));
        put("display.test-card", self.test_card.then(|| true.into()));
        put("display.mode", self.fullscreen.then(|| "fullscreen".into()));
        put("display.mode", self.headless.is_some().then(|| "headless".into()));
        put("display.mode", self.offscreen.then(|| "headless".into()));
        put("headless.directory", self.offscreen.then(|| "".into()));
        put("display.frames-log", self.frames_log.as_ref().map(|path| path.to_string_lossy().into_owned().into()));
        put("headless.directory", self.headless.as_ref().map(|path| path.to_string_lossy().into_owned().into()));
        put("headless.every", self.every.map(Into::into));
        put("headless.count", self.frames.map(Into::into));
        set
    }
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = text.split_once('x').ok_or("write it as WIDTHxHEIGHT, for example 1280x360")?;
    let number = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is not a number of pixels"));
    Ok((number(width)?, number(height)?))
}

fn part(text: &str) -> Result<[u32; 4], String> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers.map_err(|_| "four whole numbers of pixels are wanted")?;
    numbers.try_into().map_err(|_| "write it as X,Y,WIDTH,HEIGHT, for example 0,0,640,360".into())
}
