//! The outcome of a run: the status for scripts, and the message for a person.

use downbeat_log::one_line;
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit statuses of every subcommand, as `--help` lists them; from BSD's sysexits where possible.
pub const STATUSES: &str = "\
Exit status:
   0  done
   1  the daemon refused or did not answer
  64  wrong flag or argument
  66  unreadable or unsuitable input file
  73  cannot write a file
  78  invalid configuration
 130  cancelled with Ctrl-C";

/// `EX_USAGE`: the command line is wrong.
pub const USAGE: u8 = 64;

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The daemon refused, or did not answer.
    #[error("{0}")]
    Refused(String),
    /// An invalid argument; the text says what is valid.
    #[error("{0}")]
    Usage(String),
    /// An unreadable input.
    #[error("{0}")]
    Input(String),
    /// An unwritable output file.
    #[error("cannot write {}: {why}. Check that its folder exists and has space", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
    /// A configuration with an error.
    #[error("{0}")]
    Config(String),
    /// The terminal or standard output failed.
    #[error("cannot write to the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// Invalid configurations, whose errors have been printed.
    #[error("invalid configuration")]
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

    /// The message for a person. Only a configuration is quoted, on lines of its own; a reason may be a daemon's, which must
    /// not forge one.
    pub fn lines(&self) -> Vec<String> {
        let text = format!("downbeatctl: {self}");
        let lines = if matches!(self, Self::Config(_)) { text.lines().collect() } else { vec![text.as_str()] };
        lines.into_iter().map(|line| one_line(line, usize::MAX)).collect()
    }

    /// Whether the reader of the output has gone, which is not an error.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Terminal(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemons_reason_cannot_forge_a_line_and_a_mistake_is_quoted_on_its_own() {
        let forged = Failure::Refused("no\ndownbeatctl: done\u{1b}[2J".into());
        assert_eq!(forged.lines(), ["downbeatctl: no\\ndownbeatctl: done\\u{1b}[2J"]);
        let mistake = Failure::Config("a.toml:2: hop: unknown key\n    2 | hop = 1".into());
        assert_eq!(mistake.lines(), ["downbeatctl: a.toml:2: hop: unknown key", "    2 | hop = 1"]);
    }
}
