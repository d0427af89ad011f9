//! The command line. A flag wins over everything else.

use clap::Parser;
use downbeat_config::Flag;
use std::path::PathBuf;

/// Draw one part of the canvas, following the daemon
///
/// Exit status: 0 after SIGINT, SIGTERM, a closed window or the last frame; 2 for a wrong flag; 69 without a graphics
/// adapter or display; 74 if pictures or standard output cannot be written; 78 for an invalid configuration; 143 after
/// SIGTERM and 130 after SIGINT if something hung, or a second signal came.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "downbeat-renderer", version)]
pub struct Flags {
    /// Configuration file, with drop-ins FILE.d/*.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The node's name on the operator's page
    #[arg(long)]
    pub name: Option<String>,
    /// The daemon, HOST:PORT
    #[arg(long, value_name = "HOST:PORT")]
    pub server: Option<String>,
    /// Follow a daemon on another machine without verifying it
    #[arg(long)]
    pub allow_unpaired: bool,
    /// The whole picture in pixels, WIDTHxHEIGHT
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub canvas: Option<(u32, u32)>,
    /// This node's part of the canvas in canvas pixels, X,Y,WIDTH,HEIGHT
    #[arg(long, value_name = "X,Y,W,H", value_parser = part)]
    pub slice: Option<[u32; 4]>,
    /// Frames per second
    #[arg(long)]
    pub fps: Option<u32>,
    /// Write PNG files into a folder instead of opening a window
    #[arg(long, value_name = "DIR")]
    pub headless: Option<PathBuf>,
    /// With --headless: write only frames whose number is a multiple of this
    #[arg(long, value_name = "N")]
    pub every: Option<u32>,
    /// With --headless: exit after this many files; a service rests instead
    #[arg(long, value_name = "N")]
    pub frames: Option<u64>,
    /// Draw without showing or writing anything, for measuring with --frames-log
    #[arg(long, conflicts_with = "headless")]
    pub offscreen: bool,
    /// Log each frame to a CSV file, no pipe or device: when it was handed over, and from which inputs
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
    /// List the monitors and exit
    #[arg(long)]
    pub list_monitors: bool,
    /// List the scenes with their parameters and exit
    #[arg(long)]
    pub list_scenes: bool,
}

impl Flags {
    /// The keys set by flags; for the same key, the last one wins.
    pub(super) fn settings(&self) -> Vec<Flag> {
        let text =
            |flag: &str, key: &str, text: Option<&str>| text.map(|text| Flag::new(format!("{flag} {text}"), key, text));
        let number = |flag: &str, key: &str, number: Option<u64>| {
            // Numbers beyond TOML's integers are never reached.
            number.map(|number| Flag::new(format!("{flag} {number}"), key, i64::try_from(number).unwrap_or(i64::MAX)))
        };
        let frames_log = self.frames_log.as_ref().map(|path| path.to_string_lossy());
        let headless = self.headless.as_ref().map(|path| path.to_string_lossy());
        let single = [
            text("--name", "node.name", self.name.as_deref()),
            text("--server", "node.server", self.server.as_deref()),
            self.allow_unpaired.then(|| Flag::new("--allow-unpaired", "node.allow-unpaired", true)),
            number("--fps", "display.fps", self.fps.map(u64::from)),
            text("--monitor", "display.monitor", self.monitor.as_deref()),
            self.test_card.then(|| Flag::new("--test-card", "display.test-card", true)),
            text("--frames-log", "display.frames-log", frames_log.as_deref()),
            self.fullscreen.then(|| Flag::new("--fullscreen", "display.mode", "fullscreen")),
            headless.is_some().then(|| Flag::new("--headless", "display.mode", "headless")),
            text("--headless", "headless.directory", headless.as_deref()),
            self.offscreen.then(|| Flag::new("--offscreen", "display.mode", "headless")),
            self.offscreen.then(|| Flag::new("--offscreen", "headless.directory", "")),
            number("--every", "headless.every", self.every.map(u64::from)),
            number("--frames", "headless.count", self.frames),
        ];
        let mut settings: Vec<Flag> = single.into_iter().flatten().collect();
        if let Some((width, height)) = self.canvas {
            let written = format!("--canvas {width}x{height}");
            settings.extend(pixels(&written, ["canvas.width", "canvas.height"], [width, height]));
        }
        if let Some(slice @ [x, y, width, height]) = self.slice {
            let written = format!("--slice {x},{y},{width},{height}");
            settings.extend(pixels(&written, ["slice.x", "slice.y", "slice.width", "slice.height"], slice));
        }
        settings
    }
}

/// The key of a flag with several numbers.
fn pixels<const N: usize>(written: &str, keys: [&str; N], numbers: [u32; N]) -> impl Iterator<Item = Flag> {
    keys.into_iter().zip(numbers).map(move |(key, number)| Flag::new(written, key, i64::from(number)))
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = text.split_once('x').ok_or("write it as WIDTHxHEIGHT, for example 1280x360")?;
    let number = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is not a number of pixels"));
    Ok((number(width)?, number(height)?))
}

fn part(text: &str) -> Result<[u32; 4], String> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers.map_err(|_| "expected four whole numbers of pixels")?;
    numbers.try_into().map_err(|_| "write it as X,Y,WIDTH,HEIGHT, for example 0,0,640,360".into())
}
