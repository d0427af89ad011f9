//! `downbeatctl skew`: by how much the screens of a wall are early or late against each other.

mod compare;
mod film;
mod flash;
mod regions;
mod video;

use crate::exit::Failure;
use film::Screen;
use regions::Region;
use std::io::Write;
use std::path::PathBuf;

/// Measure by how much the screens of a wall are apart
///
/// Show the scene "flash" on all nodes, film the whole wall for half a minute, and give the file. Each screen is found by
/// its flashes. A negative skew is early, a positive one late, against the median of all screens.
///
/// Keep the camera still, the screens beside each other in the picture rather than one above the other: a phone reads
/// its sensor row by row, 10 to 30 ms from top to bottom, so that a screen further down seems to be early.
/// docs/wall.md tells more.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A film of the wall; any format and frame rate that ffmpeg reads
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Where a screen is in the film, in its pixels; again for each screen. By default they are found by their flashes
    #[arg(long = "region", value_name = "X,Y,W,H", requires = "video")]
    regions: Vec<Region>,
    /// One JSON object for each screen instead of a table
    #[arg(long)]
    json: bool,
}

/// Measures, and prints what was found.
///
/// # Errors
/// When the film cannot be read or shows too little.
pub fn run(args: &Args) -> Result<(), Failure> {
    // Where the measurement comes from is chosen here.
    let Some(video) = &args.video else {
        return Err(Failure::Usage("skew measures a film of the wall. Give one with --video FILE".into()));
    };
    let screens = film::measure(video, &args.regions)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        for screen in &screens {
            writeln!(out, "{}", serde_json::to_string(screen).map_err(std::io::Error::from)?)?;
        }
        return Ok(());
    }
    write!(out, "{}", table(&screens))?;
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
