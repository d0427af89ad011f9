//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::Path;

/// Something in a configuration that cannot be used: the place, the key, what is wrong, and what to do.
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

    /// A complaint about no place in particular.
    pub(crate) fn plain(problem: String) -> Self {
        Self::new(None, String::new(), problem)
    }

    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::plain(format!("{}: cannot be read: {error}", path.display()))
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
        match line {
            Some((number, text)) if !text.is_empty() => write!(f, "\n{number:>5} | {text}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}
