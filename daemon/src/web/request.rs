//! What a client asks for in a text frame of its WebSocket.

use serde::Deserialize;

/// A wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Tell me what is at this path, now and when it changes.
    Listen(String),
    /// Tell me no more.
    Ignore(String),
}

/// Why a text is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It is not the JSON that is expected.
    #[error("a text frame is {{\"COMMAND\": \"LISTEN\", \"DATA\": \"/path\"}}: {0}")]
    Malformed(String),
    /// Only the server says that, or nobody.
    #[error("unknown command `{0}`; expected LISTEN or IGNORE")]
    Unknown(String),
    /// What it is about is no path.
    #[error("{0} takes a full path, such as \"/tempo/bpm\"")]
    NoPath(&'static str),
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "COMMAND")]
    command: String,
    #[serde(rename = "DATA", default)]
    data: serde_json::Value,
}

/// The longest path that is looked at, in bytes: longer than any address.
const LONGEST: usize = 256;

/// Reads a text frame.
///
/// # Errors
/// When it is none of the commands that a client may send.
pub fn parse(text: &str) -> Result<Request, RequestError> {
    let frame: Frame = serde_json::from_str(text).map_err(|error| RequestError::Malformed(error.to_string()))?;
    let path = |command| {
        let path = frame.data.as_str().filter(|path| path.starts_with('/') && path.len() <= LONGEST);
        path.map(str::to_owned).ok_or(RequestError::NoPath(command))
    };
    match frame.command.as_str() {
        "LISTEN" => path("LISTEN").map(Request::Listen),
        "IGNORE" => path("IGNORE").map(Request::Ignore),
        other => Err(RequestError::Unknown(other.chars().take(32).filter(|it| !it.is_control()).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_listen_and_ignore_and_nothing_else() {
        let listen = parse(r#"{"COMMAND":"LISTEN","DATA":"/tempo/bpm"}"#);
        assert_eq!(listen, Ok(Request::Listen("/tempo/bpm".into())));
        assert_eq!(parse(r#"{"COMMAND":"IGNORE","DATA":"/a","MORE":1}"#), Ok(Request::Ignore("/a".into())));
        assert_eq!(parse(r#"{"COMMAND":"LISTEN","DATA":7}"#), Err(RequestError::NoPath("LISTEN")));
        assert_eq!(parse(r#"{"COMMAND":"PATH_ADDED","DATA":"/a"}"#), Err(RequestError::Unknown("PATH_ADDED".into())));
        for text in ["", "{}", "[]", "LISTEN", r#"{"COMMAND":7}"#] {
            assert!(matches!(parse(text), Err(RequestError::Malformed(_))), "{text}");
        }
    }
}
