//! The command line. A flag wins over everything else.

use crate::config::{Flag, Sources};
use crate::exit::CODES;
use clap::Parser;
use std::path::{Path, PathBuf};

/// The configuration file used by default, if it exists.
const USUAL_CONFIG: &str = "/etc/downbeat/downbeat.toml";

/// Listen to the music, keep time, and drive every output
#[derive(Debug, Parser)]
#[command(name = "downbeatd", version, after_help = CODES)]
pub struct Flags {
    /// Configuration file, with drop-ins FILE.d/*.toml [default: /etc/downbeat/downbeat.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set one key, as in --set audio.hop=128; overrides every file
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Analyse an audio file instead of JACK inputs
    #[arg(long, value_name = "FILE")]
    pub audio: Option<PathBuf>,
    /// Stand by for another daemon of the show, and lead when it dies; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    pub standby_of: Vec<String>,
    /// Check the configuration and exit
    #[arg(long)]
    pub check: bool,
    /// Print the layers and signals of the configured show as JSON and exit
    #[arg(long)]
    pub describe: bool,
    /// Print the default configuration with its comments and exit
    #[arg(long)]
    pub defaults: bool,
}

impl Flags {
    /// The sources of the configuration, and the keys set by flags.
    pub fn sources(&self) -> Sources {
        let usual = Path::new(USUAL_CONFIG);
        // A link to a stick that was pulled is there: without its file nothing is known.
        let is_there = usual.exists() || usual.is_symlink();
        let mut flags: Vec<Flag> = self.set.iter().map(|assignment| Flag::set(assignment)).collect();
        if let Some(audio) = &self.audio {
            let written = format!("--audio {}", audio.display());
            flags.push(Flag::new(&written, "audio.source", "file"));
            flags.push(Flag::new(&written, "audio.files.main", audio.display().to_string()));
        }
        if !self.standby_of.is_empty() {
            let written = format!("--standby-of {}", self.standby_of.join(" --standby-of "));
            flags.push(Flag::list(written, "standby.of", &self.standby_of));
        }
        Sources {
            file: self.config.clone().or_else(|| is_there.then(|| usual.to_owned())),
            environment: downbeat_config::environment(),
            flags,
        }
    }
}
