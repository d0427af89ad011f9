//! A client's request in a text frame of its WebSocket.

use serde::Deserialize;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Send the value of this path, now and on change.
    Listen(String),
    /// Stop sending it.
    Ignore(String),
}

/// Why a text is not a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not the expected JSON.
    #[error("a text frame is {{\"COMMAND\": \"LISTEN\", \"DATA\": \"/path\"}}: {0}")]
    Malformed(String),
    /// A command for servers only, or unknown.
    #[error("unknown command `{0}`; expected LISTEN or IGNORE")]
    Unknown(String),
    /// Its subject is not a path.
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

/// Maximum length of a path, in bytes: longer than any address.
const LONGEST: usize = 256;

/// Reads a text frame.
///
/// # Errors
/// If it is not a valid command of a client.
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
