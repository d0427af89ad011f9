//! Errors in opening an output, a control or the server.

/// Why an edge of the daemon cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its table has an unknown key or a value of the wrong kind.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// An invalid value; the text says which, and what is valid.
    #[error("{0}")]
    Value(String),
    /// One of its keys has such an error.
    #[error("{key}: {error}")]
    Within {
        /// The key, or a dotted path.
        key: String,
        /// What is wrong with it.
        error: Box<OpenError>,
    },
    /// A file that it names is invalid.
    #[error(transparent)]
    File(#[from] downbeat_config::Fault),
    /// A port in use, or an address not of this machine.
    #[error("{what}: {source}")]
    Io {
        /// The attempted operation.
        what: String,
        /// The system's error.
        source: std::io::Error,
    },
}
