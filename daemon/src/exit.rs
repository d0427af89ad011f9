//! Exit statuses of the daemon, from BSD's `sysexits.h`.

use crate::config::Fault;

/// Why the daemon cannot start or continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// An audio file cannot be read.
    #[error("{0}")]
    NoInput(String),
    /// A port is in use, or an address is not of this machine.
    #[error("{0}")]
    Unavailable(String),
    /// A thread of the daemon died or did not start: a bug, or a fault of the machine.
    #[error("{0}")]
    Internal(String),
    /// The configuration is invalid.
    #[error("{0}")]
    Config(String),
}

/// Every exit status with its meaning, for the help text.
pub const CODES: &str = "\
Exit status:
   0  stopped by a signal, or the configuration is valid (--check)
  64  wrong command line
  66  unreadable audio file
  69  port in use, or address not of this machine
  70  internal error
  78  invalid configuration";

impl Failure {
    /// The exit status.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 64,
            Self::NoInput(_) => 66,
            Self::Unavailable(_) => 69,
            Self::Internal(_) => 70,
            Self::Config(_) => 78,
        }
    }

    /// Merges failures: all texts, with the gravest status. `None` if there are none.
    pub fn all(mut failures: Vec<Self>) -> Option<Self> {
        let text = failures.iter().map(Self::to_string).collect::<Vec<_>>().join("\n");
        failures.sort_by_key(Self::code);
        let several = failures.len() > 1;
        let gravest = failures.pop()?;
        Some(match gravest {
            gravest if !several => gravest,
            Self::Usage(_) => Self::Usage(text),
            Self::NoInput(_) => Self::NoInput(text),
            Self::Unavailable(_) => Self::Unavailable(text),
            Self::Internal(_) => Self::Internal(text),
            Self::Config(_) => Self::Config(text),
        })
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Config(fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_in_the_help_text() {
        let text = String::new;
        for failure in [
            Failure::Usage(text()),
            Failure::NoInput(text()),
            Failure::Unavailable(text()),
            Failure::Internal(text()),
            Failure::Config(text()),
        ] {
            assert!(CODES.contains(&format!("\n  {}  ", failure.code())), "{failure:?}");
        }
    }

    #[test]
    fn several_failures_are_all_told_with_the_gravest_status() {
        let both = vec![Failure::Config("a".into()), Failure::Unavailable("b".into())];
        assert_eq!(Failure::all(both), Some(Failure::Config("a\nb".into())));
        assert_eq!(Failure::all(vec![]), None);
    }
}
