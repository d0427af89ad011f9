//! How a connection ended.

use downbeat_protocol::close;
use quinn::{ConnectionError, VarInt};

/// How a connection ended.
pub enum End {
    /// It was there and broke, or could not be made: worth trying again soon.
    Lost(String),
    /// The daemon does not want us: worth trying again when somebody has done something.
    Refused(String),
    /// The two have become acquainted: to be tried again at once.
    Paired,
}

impl End {
    /// What the end of a connection means.
    pub fn ended(error: ConnectionError) -> Self {
        match error {
            ConnectionError::ApplicationClosed(closed) => {
                let why = String::from_utf8_lossy(&closed.reason).into_owned();
                if closed.error_code == VarInt::from_u32(close::REFUSED) {
                    Self::Refused(why)
                } else {
                    Self::Lost(format!("the daemon closed the connection: {why}"))
                }
            }
            ConnectionError::TimedOut => Self::Lost("the daemon is gone: silent for a second".into()),
            other => Self::Lost(format!("connection lost: {other}")),
        }
    }
}
