//! Why a configuration cannot be used.

use std::path::PathBuf;

/// Names the file or the key, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file with a syntax error, an unknown key or a value of the wrong kind.
    #[error("{}:{line}:{column}: {message}\n  | {text}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// The line itself.
        text: String,
    },
    /// An environment variable or a merged value that does not fit.
    #[error("configuration: {0}")]
    Merged(#[from] config::ConfigError),
    /// A value that fits its type but cannot be used.
    #[error("{key}: {why}")]
    Value {
        /// Its dotted key.
        key: String,
        /// What is wrong with it, and what would do.
        why: String,
    },
}

impl ConfigError {
    pub(super) fn value(key: &str, why: impl Into<String>) -> Self {
        Self::Value { key: key.into(), why: why.into() }
    }
}
