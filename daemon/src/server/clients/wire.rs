//! Messages on a client's stream.

use downbeat_protocol::message::{self, ClientMessage, MessageError};
use quinn::{ReadExactError, RecvStream};

/// Maximum length of a message, checked before reading it: commands and reports are short.
const MAX_LEN: usize = 16 * 1024;

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The stream or the connection ended.
    #[error("the stream ended: {0}")]
    Ended(#[from] ReadExactError),
    /// Not a valid message.
    #[error("{0}")]
    Message(#[from] MessageError),
}

/// The next message of a client. Do not cancel it midway.
pub async fn read(stream: &mut RecvStream) -> Result<ClientMessage, WireError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let len = message::decode_len(head)?;
    if len > MAX_LEN {
        return Err(MessageError::TooLong(len).into());
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body).await?;
    Ok(message::decode(&body)?)
}
