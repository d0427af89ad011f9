//! `downbeat-song DIR`: writes the demo song, its stems and the truth about it.

use clap::Parser;
use std::path::PathBuf;

/// Writes the demo song into a folder: song.wav, drums.wav, bass.wav, chords.wav, lead.wav and song.json.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to.
    folder: PathBuf,
    /// Render even when the folder has this version of the song.
    #[arg(long)]
    force: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let files = if arguments.force {
        downbeat_song::write(&downbeat_song::render(), &arguments.folder)?
    } else {
        downbeat_song::ensure(&arguments.folder)?
    };
    println!("{}", files.mix.display());
    Ok(())
}
