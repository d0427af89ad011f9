//! How a connection ended.

use downbeat_protocol::close;
use quinn::{ConnectionError, VarInt};

/// How a connection ended.
pub enum End {
    /// It broke or failed: worth retrying soon.
    Lost(String),
    /// The daemon refuses us: worth retrying after someone has changed something.
    Refused(String),
    /// The two are paired: retry at once.
    Paired,
}

impl End {
    /// Interprets the end of a connection.
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
