//! A finding: what was looked at, how it is, what that means, and how to mend it.

use downbeat_log::one_line;
use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// In order.
    Ok,
    /// A show may suffer.
    Warn,
    /// There is no show like that.
    Bad,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub grade: Grade,
    /// What was seen.
    pub seen: String,
    /// What that means for the show; empty if it is in order.
    pub means: String,
    /// What to do, mostly a command; empty if it is in order.
    pub mend: String,
}

impl Finding {
    /// In order.
    pub fn ok(what: &str, seen: impl Into<String>) -> Self {
        Self { what: what.into(), grade: Grade::Ok, seen: seen.into(), means: String::new(), mend: String::new() }
    }

    /// A show may suffer.
    pub fn warn(what: &str, seen: impl Into<String>, means: &str, mend: impl Into<String>) -> Self {
        Self { means: means.into(), mend: mend.into(), grade: Grade::Warn, ..Self::ok(what, seen) }
    }

    /// There is no show like that.
    pub fn bad(what: &str, seen: impl Into<String>, means: &str, mend: impl Into<String>) -> Self {
        Self { grade: Grade::Bad, ..Self::warn(what, seen, means, mend) }
    }
}

/// All findings in columns, each with its mending below.
pub fn table(found: &[Finding], colours: bool) -> String {
    let width = found.iter().map(|it| it.what.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Finding { what, grade, seen, means, mend } in found {
        let (name, colour) = match grade {
            Grade::Ok => ("ok  ", "32"),
            Grade::Warn => ("warn", "33"),
            Grade::Bad => ("BAD ", "1;31"),
        };
        let name = if colours { format!("\x1b[{colour}m{name}\x1b[0m") } else { name.to_owned() };
        // Names of processes and versions of programs are what others wrote.
        text += &format!("{name}  {what:width$}  {}\n", one_line(seen, usize::MAX));
        for (label, line) in [("", means), ("fix: ", mend)] {
            if !line.is_empty() {
                text += &format!("{:indent$}{label}{}\n", "", one_line(line, usize::MAX), indent = width + 8);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_with_its_mending_and_colours_only_for_a_terminal() {
        let found = [
            Finding::ok("clock", "tsc"),
            Finding::bad("sound", "no JACK", "The daemon hears nothing.", "jackd -d alsa"),
        ];
        let plain = "ok    clock  tsc\nBAD   sound  no JACK\n             The daemon hears nothing.\n             fix: jackd -d alsa\n";
        assert_eq!(table(&found, false), plain);
        let forged = [Finding::ok("port", "held by x\nok    disk")];
        assert_eq!(table(&forged, false), "ok    port  held by x\\nok    disk\n", "a process names itself");
        assert!(table(&found, true).starts_with("\x1b[32mok  \x1b[0m  clock  tsc\n"));
    }
}
