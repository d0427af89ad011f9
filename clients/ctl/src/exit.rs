//! What a run ends with: the status for scripts, and what to tell a person.

use std::path::PathBuf;
use std::process::ExitCode;

/// The exit statuses of every subcommand, as `--help` lists them. The numbers are those of BSD's sysexits where it
/// has one.
pub const STATUSES: &str = "\
Exit status:
   0  done
   1  refused by the daemon, or it did not answer
  64  a wrong flag or argument
  66  a file cannot be read, or does not hold what it should
  73  a file cannot be written
  78  a configuration has an error
 130  cancelled with Ctrl-C";

/// `EX_USAGE`: the command line makes no sense.
pub const USAGE: u8 = 64;

/// Why a subcommand did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The daemon refused, or did not answer.
    #[error("{0}")]
    Refused(String),
    /// An argument that makes no sense; the text says what would.
    #[error("{0}")]
    Usage(String),
    /// An input that cannot be read.
    #[error("{0}")]
    Input(String),
    /// An output file that cannot be written.
    #[error("{}: cannot be written: {why}. Check that its folder exists and has room", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A configuration with an error.
    #[error("{0}")]
    Config(String),
    /// The terminal or the standard output failed.
    #[error("cannot write to the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// Configurations with errors that were printed already.
    #[error("a configuration has an error")]
    Reported,
    /// Ctrl-C.
    #[error("cancelled")]
    Cancelled,
}

impl Failure {
    /// The status of the process; see [`STATUSES`].
    pub fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => USAGE,
            Self::Input(_) => 66,
            Self::Output { .. } | Self::Terminal(_) => 73,
            Self::Config(_) | Self::Reported => 78,
            Self::Cancelled => 130,
        })
    }

    /// Whether whoever read the output has gone: no reason to complain.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Terminal(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
