//! `downbeatctl validate`: checks configurations and reports where they are wrong.

use crate::exit::Failure;
use crate::program::ask;
use downbeat_config::{Program, text};
use downbeat_log::say;
use std::path::{Path, PathBuf};

/// Check configurations of daemons and renderers
///
/// Runs the program that reads each file, downbeatd or downbeat-renderer, with --check; it must be next to downbeatctl
/// or on the PATH. Checks the drop-ins of a file (FILE.d/*.toml) with it, and ignores the environment.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configurations, of either program
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The kind of the files, instead of guessing from their tables
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<Kind>,
}

/// The program that reads a file.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// downbeatd
    Daemon,
    /// downbeat-renderer
    Renderer,
}

/// Checks every file, even after an invalid one.
///
/// # Errors
/// If a file is invalid; its errors have been printed.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut all_well = true;
    for file in &args.files {
        let told = args.kind.map(Program::from);
        let program = told.unwrap_or_else(|| Program::of(&text::read(file).unwrap_or_default()));
        match check(program, file) {
            Ok(()) => println(&format!("{}: valid configuration for {}", file.display(), program.name()))?,
            Err(error) => {
                all_well = false;
                say(&error.to_string());
                say(&format!("{}: checked as a configuration for {}", file.display(), program.name()));
            }
        }
    }
    if all_well { Ok(()) } else { Err(Failure::Reported) }
}

/// Lets the program that reads a file check it. It briefly opens every port and device: some errors only show then.
fn check(program: Program, file: &Path) -> Result<(), String> {
    ask(program, "--check", file).map(drop)
}

impl From<Kind> for Program {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Daemon => Self::Daemon,
            Kind::Renderer => Self::Renderer,
        }
    }
}

fn println(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
}
