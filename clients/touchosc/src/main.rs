//! `downbeat-touchosc RIG.toml OUT.tosc`: the tablet for a rig.

use anyhow::{Context, Result};
use clap::Parser;
use downbeat_touchosc::{Rig, compress, document, layout, preview};
use std::path::PathBuf;

/// Writes a TouchOSC layout for a rig: scene buttons and faders for its layers and parameters.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The daemon's configuration.
    rig: PathBuf,
    /// The layout to write.
    out: PathBuf,
    /// Also draw it (SVG).
    #[arg(long, value_name = "FILE")]
    preview: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let rig = Rig::read(&arguments.rig)?;
    let controls = layout(&rig);
    let bytes = compress(&document(&controls)?)?;
    std::fs::write(&arguments.out, bytes).with_context(|| format!("cannot write {}", arguments.out.display()))?;
    if let Some(path) = &arguments.preview {
        std::fs::write(path, preview(&controls)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
