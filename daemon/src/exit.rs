//! Exit statuses of the daemon, from BSD's `sysexits.h`.

use crate::config::Fault;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why the daemon cannot start or continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// An audio file cannot be read.
    #[error("{0}")]
    NoInput(String),
    /// A thread of the daemon died or did not start: a bug, or a fault of the machine.
    #[error("{0}")]
    Internal(String),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(String),
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
  70  internal error
  74  standard output cannot be written (--check, --defaults, --describe)
  78  invalid configuration
 143  stopped by SIGTERM (130 by SIGINT), but something hung, or a second signal came";

impl Failure {
    /// The exit status.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 64,
            Self::NoInput(_) => 66,
            Self::Internal(_) => 70,
            Self::Output(_) => 74,
            Self::Config(_) => 78,
        }
    }

    /// The result of reading or opening a configuration. A panic in it, which is a bug, refuses the configuration: the
    /// daemon runs on, or starts with another one.
    pub fn of_panic<T>(work: impl FnOnce() -> Result<T, Self>) -> Result<T, Self> {
        // What it was making is dropped, and shared locks are taken whatever happened under them.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let why = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            Err(Self::Config(format!(
                "downbeatd cannot use this configuration ({why}), which is a bug in Downbeat: please report it with the \
                 configuration, and leave out what you changed last"
            )))
        })
    }

    /// Why a run with the last good files ended, which were used because of a `mistake` in the current ones. If the last good
    /// ones are invalid, too, the mistake is what has to be corrected. Any other failure keeps its status: the mistake's would
    /// keep a service from being started again.
    pub fn instead_of(self, mistake: String) -> Self {
        match self {
            Self::Config(_) => Self::Config(mistake),
            other => other,
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
            Self::Internal(_) => Self::Internal(text),
            Self::Output(_) => Self::Output(text),
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
            Failure::Internal(text()),
            Failure::Output(text()),
            Failure::Config(text()),
        ] {
            assert!(CODES.contains(&format!("\n  {}  ", failure.code())), "{failure:?}");
        }
    }

    #[test]
    fn a_bug_that_a_configuration_comes_across_refuses_it_and_names_itself_as_one() {
        let refused = Failure::of_panic(|| -> Result<(), _> { panic!("a period of {} s", 1e20) });
        let told = refused.expect_err("refused");
        assert_eq!(told.code(), 78);
        assert!(told.to_string().contains("a period of 1") && told.to_string().contains("bug in Downbeat"), "{told}");
        assert_eq!(Failure::of_panic(|| Ok(7)), Ok(7));
    }

    #[test]
    fn a_run_with_the_last_good_files_fails_for_the_mistake_only_if_these_are_invalid_too() {
        let crash = Failure::Internal("the hop thread died".into());
        assert_eq!(crash.clone().instead_of("line 3".into()), crash, "a service starts again");
        assert_eq!(Failure::Config("old".into()).instead_of("line 3".into()), Failure::Config("line 3".into()));
    }

    #[test]
    fn several_failures_are_all_told_with_the_gravest_status() {
        let both = vec![Failure::Config("a".into()), Failure::NoInput("b".into())];
        assert_eq!(Failure::all(both), Some(Failure::Config("a\nb".into())));
        assert_eq!(Failure::all(vec![]), None);
    }
}
