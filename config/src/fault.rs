//! Errors in a configuration, with their place.

use crate::text::invisible;
use std::fmt;
use std::path::Path;

/// An error in a configuration: the place, the key, the problem, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    place: Option<Place>,
    key: String,
    problem: String,
}

/// Where something was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// A file, an environment variable, a flag.
    pub origin: String,
    /// Number and text of the line, in files.
    pub line: Option<(usize, String)>,
}

impl Fault {
    pub(crate) fn new(place: Option<Place>, key: String, problem: String) -> Self {
        Self { place, key, problem }
    }

    /// An error without a place.
    pub(crate) fn plain(problem: String) -> Self {
        Self::new(None, String::new(), problem)
    }

    pub(crate) fn unreadable(path: &Path, error: &impl fmt::Display) -> Self {
        Self::plain(format!("cannot read {}: {error}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.place.as_ref().and_then(|place| place.line.as_ref());
        if let Some(place) = &self.place {
            write!(f, "{}", place.origin)?;
            if let Some((number, _)) = line {
                write!(f, ":{number}")?;
            }
            write!(f, ": ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.problem)?;
        if let Some((number, text)) = line.filter(|(_, text)| !text.is_empty()) {
            write!(f, "\n{number:>5} | {text}")?;
        }
        let shown = line.map_or(self.problem.as_str(), |(_, text)| text);
        match invisible(shown).or_else(|| invisible(&self.problem)) {
            Some(invisible) => write!(f, "\n      | {invisible}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// A message with faults, without the lines of files that it quotes: a password may stand there.
pub fn unquoted(text: &str) -> String {
    let is_quoted =
        |line: &&str| line.split_once(" | ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok());
    text.lines().filter(|line| !is_quoted(line)).collect::<Vec<_>>().join("\n")
}
