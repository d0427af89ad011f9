//! Errors in opening an output, a control or the server.

use std::io::ErrorKind;

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

impl OpenError {
    /// Whether it may work later, with the same configuration: the port is free, the network is up, the file is there.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Io { .. } => true,
            Self::Within { error, .. } => error.may_pass(),
            Self::Config(_) | Self::Value(_) | Self::File(_) => false,
        }
    }

    /// Whether another program has the port, or the address is not of this machine yet: the configuration may be right.
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Io { source, .. } => matches!(source.kind(), ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable),
            Self::Within { error, .. } => error.is_taken(),
            Self::Config(_) | Self::Value(_) | Self::File(_) => false,
        }
    }
}
