//! `downbeatctl validate`: whether a configuration can be used, and where not.

use crate::exit::Failure;
use crate::program::ask;
use downbeat_config::Program;
use std::path::{Path, PathBuf};

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
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
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
        let told = args.kind.map(Program::from);
        let program = told.unwrap_or_else(|| Program::of(&std::fs::read_to_string(file).unwrap_or_default()));
        match check(program, file) {
            Ok(()) => println(&format!("{}: a good configuration of {}", file.display(), program.name()))?,
            Err(error) => {
                all_well = false;
                eprintln!("{error}");
                eprintln!("{}: taken for a configuration of {}", file.display(), program.name());
            }
        }
    }
    if all_well { Ok(()) } else { Err(Failure::Reported) }
}

/// Lets the program that will read a file check it. It opens for a moment what it would open: much is found only so.
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
