//! `downbeatctl skew`: by how much the screens of a wall are early or late against each other.

mod compare;
mod film;
mod flash;
mod nodes;
mod regions;
mod video;

use crate::exit::Failure;
use crate::server::Server;
use film::Screen;
use regions::Region;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Measure by how much the screens of a wall are apart
///
/// Without a film it is told by the nodes: when each handed over the frame of each whole second, what its clock is good
/// for, and whether it draws the picture of the others. A negative skew is early, a positive one late, against the middle
/// of all.
///
/// What displays add to that, only a camera sees: show the scene "flash" on all nodes, film the whole wall for half a
/// minute, and give the file. Each screen is found by its flashes.
///
/// Keep the camera still, the screens beside each other in the picture rather than one above the other: a phone reads
/// its sensor row by row, 10 to 30 ms from top to bottom, so that a screen further down seems to be early.
/// docs/wall.md tells more.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: Server,
    /// How long to listen to the nodes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400), conflicts_with = "video")]
    seconds: u64,
    /// A film of the wall; any format and frame rate that ffmpeg reads
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Where a screen is in the film, in its pixels; again for each screen. By default they are found by their flashes
    #[arg(long = "region", value_name = "X,Y,W,H", requires = "video")]
    regions: Vec<Region>,
    /// One JSON object for each node or screen instead of a table
    #[arg(long)]
    json: bool,
}

/// Measures, and prints what was found.
///
/// # Errors
/// When the daemon does not answer or has too few nodes; when the film cannot be read or shows too little.
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

/// The one line that an operator wants.
fn verdict(screens: &[Screen]) -> String {
    let by_skew = |one: &&Screen, other: &&Screen| one.skew.skew_ms.total_cmp(&other.skew.skew_ms);
    let (Some(first), Some(last)) = (screens.iter().min_by(by_skew), screens.iter().max_by(by_skew)) else {
        return String::new();
    };
    let apart = last.skew.skew_ms - first.skew.skew_ms;
    let sure = first.skew.uncertainty_ms + last.skew.uncertainty_ms;
    let range = format!("first and last are {apart:.1} ms apart (± {sure:.1})");
    if apart <= sure {
        format!("{range}: no difference that this film could show.")
    } else {
        format!("{range}: screen {} is the first, screen {} the last.", first.screen, last.screen)
    }
}
