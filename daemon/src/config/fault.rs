//! What is wrong with a configuration, and where.

use config::ConfigError;
use downbeat_engine::nearest::hint;
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
pub(super) struct Place {
    /// A file, an environment variable, a flag.
    pub origin: String,
    /// Number and text of the line, in files.
    pub line: Option<(usize, String)>,
}

impl Fault {
    pub(super) fn new(place: Option<Place>, key: String, problem: String) -> Self {
        Self { place, key, problem }
    }

    /// A complaint about no place in particular.
    pub(super) fn plain(problem: String) -> Self {
        Self::new(None, String::new(), problem)
    }

    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
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

/// The path and the problem of one of the configuration library's errors.
pub(super) fn understand(error: ConfigError) -> (Vec<String>, String) {
    let parts = |key: Option<String>| super::locate::segments(&key.unwrap_or_default());
    match error {
        ConfigError::At { error, key, .. } => {
            let (inner, problem) = understand(*error);
            (parts(key).into_iter().chain(inner).collect(), problem)
        }
        ConfigError::Type { unexpected, expected, key, .. } => {
            (parts(key), format!("{expected} is needed, not {unexpected}"))
        }
        ConfigError::NotFound(key) => {
            let path = parts(Some(key));
            let missing = path.last().cloned().unwrap_or_default();
            (path[..path.len().saturating_sub(1)].to_vec(), format!("the key `{missing}` is missing"))
        }
        ConfigError::Message(message) => understand_message(&message),
        other => (Vec::new(), other.to_string()),
    }
}

/// serde and the configuration library put names into texts; this takes them out again.
fn understand_message(message: &str) -> (Vec<String>, String) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, [unknown, known @ ..]) = (message.starts_with("unknown field"), quoted.as_slice()) {
        let hint = hint(unknown, known.iter().copied());
        return (vec![(*unknown).to_owned()], format!("unknown key; {hint}"));
    }
    if let (true, [unknown, known @ ..]) = (message.starts_with("unknown variant"), quoted.as_slice()) {
        return (Vec::new(), format!("`{unknown}` cannot be chosen; {}", hint(unknown, known.iter().copied())));
    }
    if let Some((_, variant)) = message.split_once("does not have variant constructor ") {
        return (Vec::new(), format!("`{variant}` is not among the values that can be chosen here"));
    }
    (Vec::new(), message.to_owned())
}
