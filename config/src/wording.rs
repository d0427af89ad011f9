//! Translates the messages of the configuration library for people.

use crate::locate::segments;
use config::ConfigError;
use downbeat_protocol::nearest::hint;

/// What a place to listen at looks like.
const SOCKET: &str = "an address and a port, such as \"0.0.0.0:9000\" for all networks or \"127.0.0.1:9000\" for this machine \
                      only; a name such as `localhost` does not work here";

/// Path and problem of an error of the configuration library.
pub fn understand(error: ConfigError) -> (Vec<String>, String) {
    let parts = |key: Option<String>| segments(&key.unwrap_or_default());
    match error {
        ConfigError::At { error, key, .. } => {
            let (inner, problem) = understand(*error);
            (parts(key).into_iter().chain(inner).collect(), problem)
        }
        ConfigError::Type { unexpected, expected, key, .. } => {
            (parts(key), format!("expected {}, got {}", needed(expected), given(&unexpected.to_string())))
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

/// The expected type.
fn needed(expected: &str) -> String {
    match expected {
        "a boolean" => "true or false".into(),
        "a floating point" => "a number".into(),
        "an array" | "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        "socket address" => SOCKET.into(),
        _ if expected.starts_with("struct ") => "a table".into(),
        _ if expected.contains("unsigned") => {
            let bits = expected.split(' ').find_map(|word| word.parse::<u32>().ok());
            match bits.filter(|bits| *bits < 64) {
                Some(bits) => format!("an integer from 0 to {}", (1_u64 << bits) - 1),
                None => "an integer from 0 up".into(),
            }
        }
        _ => expected.into(),
    }
}

/// The given value.
fn given(unexpected: &str) -> &str {
    match unexpected {
        "sequence" => "a list",
        "map" => "a table",
        "unit value" => "nothing",
        text if text.starts_with("string ") => text,
        // A number, true or false: 64-bit integer `3`.
        number => number.split('`').nth(1).unwrap_or(number),
    }
}

/// Extracts the names that serde and the configuration library put into their messages.
fn understand_message(message: &str) -> (Vec<String>, String) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, [unknown, known @ ..]) = (message.starts_with("unknown field"), quoted.as_slice()) {
        let hint = hint(unknown, known.iter().copied());
        return (vec![(*unknown).to_owned()], format!("unknown key; {hint}"));
    }
    if let (true, [unknown, known @ ..]) = (message.starts_with("unknown variant"), quoted.as_slice()) {
        return (Vec::new(), format!("unknown value `{unknown}`; {}", hint(unknown, known.iter().copied())));
    }
    if let Some((_, variant)) = message.split_once("does not have variant constructor ") {
        return (Vec::new(), format!("`{variant}` is not a valid value here"));
    }
    if let Some((unexpected, expected)) =
        message.strip_prefix("invalid type: ").and_then(|it| it.split_once(", expected "))
    {
        return (Vec::new(), format!("expected {}, got {}", needed(expected), given(unexpected)));
    }
    if message.contains("invalid socket address syntax") {
        return (Vec::new(), format!("expected {SOCKET}"));
    }
    let length = message.strip_prefix("invalid length ");
    if let Some((given, needed)) = length.and_then(|it| it.split_once(", expected an array of length ")) {
        return (Vec::new(), format!("expected a list of {needed}, got {given}"));
    }
    (Vec::new(), message.to_owned())
}
