//! `downbeatctl validate`: whether a configuration can be used, and where not.

use crate::exit::Failure;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the variables begin that set keys of a configuration.
const SETTINGS: &str = "DOWNBEAT__";

/// Check configurations of daemons and renderers
///
/// Asks the program that will read each file, downbeatd or downbeat-renderer, whether it would start with it. The program is
/// taken from beside downbeatctl, or else from the PATH. Drop-ins beside a file (FILE.d/*.toml) are checked with it; the
/// environment is left out.
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

/// Lets the program that will read a file check it. It opens for a moment what it would open: much is found only so.
fn check(kind: Kind, file: &Path) -> Result<(), String> {
    let program = kind.program();
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(program)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| program.into()));
    command.args(["--check", "--config"]).arg(file);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(SETTINGS) {
            command.env_remove(name);
        }
    }
    let output = command.output().map_err(|error| {
        format!("`{program}` cannot be started: {error}. Install it beside downbeatctl or on the PATH: it checks its own files")
    })?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(told.trim_end().to_owned()) }
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
