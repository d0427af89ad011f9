//! Messages on the stream.

use downbeat_protocol::datagram::PIECE_LEN;
use downbeat_protocol::message::{self, ClientMessage, MessageError, ServerMessage};
use quinn::{ReadExactError, RecvStream, SendStream, WriteError};

/// Why a message was not received or sent.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The connection or the stream ended.
    #[error("the stream ended: {0}")]
    Read(#[from] ReadExactError),
    /// The connection or the stream ended.
    #[error("the stream ended: {0}")]
    Write(#[from] WriteError),
    /// The message is invalid, the daemon's or ours.
    #[error("{0}")]
    Message(#[from] MessageError),
}

/// The next message of the daemon.
pub async fn read(stream: &mut RecvStream) -> Result<ServerMessage, StreamError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let mut body = vec![0; message::decode_len(head)?];
    stream.read_exact(&mut body).await?;
    Ok(message::decode(&body)?)
}

/// The next piece of a history.
pub async fn read_piece(stream: &mut RecvStream) -> Result<Vec<u8>, StreamError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let len = u32::from_be_bytes(head) as usize;
    if len > PIECE_LEN {
        return Err(MessageError::TooLong(len).into());
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

/// Sends a message.
pub async fn say(stream: &mut SendStream, message: &ClientMessage) -> Result<(), StreamError> {
    Ok(stream.write_all(&message::encode(message)?).await?)
}
