//! `downbeat-pieces DIR`: writes the pieces and the truth about them.

use clap::Parser;
use std::path::PathBuf;

/// Writes every piece into a folder: ID.wav and ID.json. What is there already is left alone.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to.
    folder: PathBuf,
}

fn main() -> anyhow::Result<()> {
    for path in downbeat_pieces::ensure(&Arguments::parse().folder)? {
        println!("{}", path.display());
    }
    Ok(())
}
