//! `downbeatctl skew`: measures how early or late the screens of a wall are against each other.

mod compare;
mod film;
mod flash;
mod nodes;
mod regions;
pub mod video;

use crate::exit::Failure;
use crate::server::Server;
use film::Screen;
use regions::Region;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Measure how far apart in time the screens of a wall are
///
/// Without a film, the nodes report when each handed over the frame of each whole second, its clock error, and whether
/// it draws the same picture as the others. A negative skew is early, a positive one late, against the median of all.
///
/// Only a camera sees the delay of the displays: show the scene "flash" on all nodes, film the whole wall for half a
/// minute, and pass the file with --video. Each screen is found by its flashes.
///
/// Keep the camera still, with the screens side by side in the picture, not one above the other: a phone reads its
/// sensor row by row, 10 to 30 ms from top to bottom, so a lower screen seems early. See docs/wall.md,
/// /usr/share/doc/downbeat/wall.md where the package is installed.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// Seconds to listen to the nodes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400), conflicts_with = "video")]
    seconds: u64,
    /// Film of the wall, in any format and frame rate that ffmpeg reads
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Place of a screen in the film, in pixels; repeat for each screen [default: found by their flashes]
    #[arg(long = "region", value_name = "X,Y,W,H", requires = "video")]
    regions: Vec<Region>,
    /// Print one JSON object per node or screen instead of a table
    #[arg(long)]
    json: bool,
}

/// Measures, and prints the result.
///
/// # Errors
/// If the daemon does not answer or has too few nodes, or the film is unreadable or shows too little.
pub fn run(args: &Args) -> Result<(), Failure> {
    if let Some(video) = &args.video {
        let screens = film::measure(video, &args.regions)?;
        return print(args.json, &screens, || table(&screens));
    }
    let heard = nodes::measure(&args.server, Duration::from_secs(args.seconds))?;
    print(args.json, &heard.nodes(), || nodes::table(&heard))
}

fn print(json: bool, rows: &[impl Serialize], table: impl Fn() -> String) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if !json {
        write!(out, "{}", table())?;
        return Ok(out.flush()?);
    }
    for row in rows {
        writeln!(out, "{}", serde_json::to_string(row).map_err(std::io::Error::from)?)?;
    }
    Ok(out.flush()?)
}

fn table(screens: &[Screen]) -> String {
    let mut text = String::from("screen     x     y     w     h  flashes  skew ms  spread    ±\n");
    for Screen { screen, x, y, w, h, skew } in screens {
        text += &format!(
            "{screen:>6} {x:>5} {y:>5} {w:>5} {h:>5} {:>8} {:>+8.1} {:>7.1} {:>4.1}\n",
            skew.flashes, skew.skew_ms, skew.spread_ms, skew.uncertainty_ms
        );
    }
    text + &verdict(screens) + "\n"
}

/// The summary for the operator.
fn verdict(screens: &[Screen]) -> String {
    let by_skew = |one: &&Screen, other: &&Screen| one.skew.skew_ms.total_cmp(&other.skew.skew_ms);
    let (Some(first), Some(last)) = (screens.iter().min_by(by_skew), screens.iter().max_by(by_skew)) else {
        return String::new();
    };
    let apart = last.skew.skew_ms - first.skew.skew_ms;
    let sure = first.skew.uncertainty_ms + last.skew.uncertainty_ms;
    let range = format!("first and last are {apart:.1} ms apart (± {sure:.1})");
    if apart <= sure {
        format!("{range}: no difference measurable in this film.")
    } else {
        format!("{range}: screen {} is the first, screen {} the last.", first.screen, last.screen)
    }
}
