//! `downbeatctl validate`: whether a configuration can be used, and where not.

use crate::exit::Failure;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Check configurations of daemons and renderers
///
/// Tells for each file which of the two it was taken for, and whether that program would start with it. Drop-ins beside
/// it (FILE.d/*.toml) are checked with it; the environment is left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configurations, of either program
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files are, instead of telling by their tables
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<Kind>,
}

/// Whose configuration a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// downbeatd's
    Daemon,
    /// downbeat-renderer's
    Renderer,
}

/// Checks every file, the good ones too when one is bad.
///
/// # Errors
/// When a file cannot be used; what is wrong has been printed then.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut all_well = true;
    for file in &args.files {
        let kind = args.kind.unwrap_or_else(|| kind_of(&std::fs::read_to_string(file).unwrap_or_default()));
        match check(kind, file) {
            Ok(()) => println(&format!("{}: a good configuration of {}", file.display(), kind.program()))?,
            Err(error) => {
                all_well = false;
                eprintln!("{error}");
                eprintln!("{}: taken for a configuration of {}", file.display(), kind.program());
            }
        }
    }
    if all_well { Ok(()) } else { Err(Failure::Reported) }
}

fn check(kind: Kind, file: &Path) -> Result<(), Box<dyn Display>> {
    match kind {
        Kind::Daemon => check_daemon(file),
        Kind::Renderer => check_renderer(file),
    }
}

/// Opens, for a moment, everything that the daemon would open: much is found by that only.
fn check_daemon(file: &Path) -> Result<(), Box<dyn Display>> {
    use downbeatd::config::{Config, Sources};
    let sources = Sources { file: Some(file.into()), ..Sources::default() };
    let config = Config::load(&sources).map_err(|fault| Box::new(fault) as Box<dyn Display>)?;
    downbeatd::app::check(&config).map_err(|failure| Box::new(failure) as Box<dyn Display>)
}

fn check_renderer(file: &Path) -> Result<(), Box<dyn Display>> {
    use downbeat_renderer::config::{Flags, load};
    let flags = Flags { config: Some(file.into()), ..Flags::default() };
    load(&flags, []).map(drop).map_err(|error| Box::new(error) as Box<dyn Display>)
}

/// Tells whose a configuration is by the tables in it: the most of them decide, and a tie is the daemon's.
fn kind_of(text: &str) -> Kind {
    const RENDERER: [&str; 5] = ["node", "canvas", "slice", "display", "headless"];
    const DAEMON: [&str; 7] = ["show", "audio", "bus", "tempo", "parameter", "output", "control"];
    // Line by line, so that a file with a syntax error is still told.
    let tables = text.lines().filter_map(|line| line.trim_start().strip_prefix('[')).map(|line| {
        let name = line.trim_start_matches('[').trim();
        name.split(['.', ']', ' ']).next().unwrap_or_default().to_owned()
    });
    let (mut daemon, mut renderer) = (0, 0);
    for table in tables {
        daemon += usize::from(DAEMON.contains(&table.as_str()) || table == "layer");
        renderer += usize::from(RENDERER.contains(&table.as_str()));
    }
    if renderer > daemon { Kind::Renderer } else { Kind::Daemon }
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Daemon => "downbeatd",
            Self::Renderer => "downbeat-renderer",
        }
    }
}

fn println(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_tell_whose_a_configuration_is() {
        assert_eq!(kind_of("[canvas]\nwidth = 1280\n[slice]\nx = 640\n"), Kind::Renderer);
        assert_eq!(kind_of("[[layer]]\nname = 'back'\n[output.desk]\nkind = 'osc'\n"), Kind::Daemon);
        assert_eq!(kind_of(""), Kind::Daemon);
        assert_eq!(kind_of("[ display ]\nmode = broken"), Kind::Renderer);
    }
}
