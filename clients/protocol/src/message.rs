//! Messages on a stream: a length and JSON.
//!
//! JSON because the messages are few, are read by people when something is wrong, and skip fields that a peer does
//! not know, so that old and new nodes live together. What comes often goes in [datagrams](crate::datagram).

use crate::status::Report;
use crate::{Command, Event, Schema, ShowState, Timeline};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A longer message is refused before it is read.
pub const MAX_LEN: usize = 1 << 20;

/// What a client is for, and so what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Draws; may not command.
    Renderer,
    /// Commands and watches.
    Controller,
    /// Watches.
    Viewer,
    /// A second daemon that follows, and leads when the first is gone.
    Standby,
}

impl Role {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("renderer", Self::Renderer),
        ("controller", Self::Controller),
        ("viewer", Self::Viewer),
        ("standby", Self::Standby),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, role)| *role == self).map_or("viewer", |(name, _)| name)
    }

    /// Whether one that is paired as this may come as `other`: a controller may also only watch.
    pub fn covers(self, other: Self) -> bool {
        self == other || matches!((self, other), (Self::Controller, Self::Viewer))
    }
}

/// The longest name of a client, in characters.
const NAME_MAX: usize = 64;

/// Refuses names that an operator could not read or that would tear a log apart; the text says what would do.
pub fn check_name(name: &str) -> Result<(), String> {
    let sound = (1..=NAME_MAX).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && name.chars().any(|letter| !letter.is_whitespace());
    if sound { Ok(()) } else { Err(format!("a name has 1 to {NAME_MAX} characters and no control characters")) }
}

/// A daemon in the eyes of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daemon {
    /// Drawn by chance once for each run of a daemon.
    pub run: u64,
    /// How often the show's leader had changed when this one began to lead, or when the one that it follows did.
    pub term: u32,
    /// Whether it leads the show, or stands by.
    pub leads: bool,
    /// The UDP port on which it serves clients.
    #[serde(default)]
    pub port: u16,
}

/// What an operator asks of a daemon about those that it knows. Not a [`Command`]: those may come by plain UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admin {
    /// To pair the one that shows this code.
    Pair {
        /// The digits that it shows.
        code: String,
        /// As what; what it asked to be when none is given.
        role: Option<Role>,
        /// What to call it; what it calls itself when none is given.
        name: Option<String>,
    },
    /// For a code by which one browser may come in.
    Browser {
        /// As what.
        role: Role,
        /// What to call it.
        name: String,
    },
    /// For a link by which a tablet fetches a layout.
    Layout {
        /// `tablet` or `phone`.
        form: String,
    },
    /// To list those that are paired.
    Peers,
    /// To forget one, by its name or the beginning of its fingerprint.
    Revoke {
        /// The name, or at least eight digits.
        name: String,
    },
}

/// What a daemon answers to an [`Admin`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdminAnswer {
    /// It is done; in words.
    Done(String),
    /// It is not; why.
    Refused(String),
    /// Those that are paired.
    Peers(Vec<Peer>),
    /// A code for a browser.
    Browser {
        /// Six digits.
        code: String,
        /// For how long it counts.
        seconds: u32,
        /// Where to type it: the addresses of the page. Empty where no page is served.
        urls: Vec<String>,
    },
    /// A link to a layout.
    Layout {
        /// The whole of it.
        url: String,
        /// For how long it leads there, at least.
        seconds: u32,
    },
}

/// One that is paired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its key: the SHA-256 of its certificate, in hexadecimal digits.
    pub fingerprint: String,
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientMessage {
    /// First of all.
    Hello {
        /// The [`VERSION`](crate::VERSION) that it speaks.
        version: u16,
        /// Its name, for the operator.
        name: String,
        /// What it is for.
        role: Role,
        /// The highest [term](crate::datagram::Head::term) that it has heard of: a daemon that still leads an
        /// earlier one leads no more.
        #[serde(default)]
        term: u32,
        /// The show in which it heard of that.
        #[serde(default)]
        epoch: u64,
        /// What a daemon says of itself when it follows another one.
        #[serde(default)]
        daemon: Option<Daemon>,
    },
    /// A wish.
    Command(Command),
    /// How it is doing.
    Report(Box<Report>),
    /// A daemon that follows this one begins to lead the show, or to stand by.
    Daemon(Daemon),
    /// Pairing: the client's share, in hexadecimal digits. It shows its code from then on.
    Share(String),
    /// Pairing: proves that the client knows the code that was typed, in hexadecimal digits.
    Proof(String),
    /// A question about who is paired.
    Admin(Admin),
    /// A message that this build does not know.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// What the daemon sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerMessage {
    /// Answers a hello: all that a newcomer needs. Changes follow as events.
    Welcome {
        /// The [`VERSION`](crate::VERSION) that the daemon speaks.
        version: u16,
        /// Who welcomes.
        daemon: Daemon,
        /// The show's name.
        show: String,
        /// Tells a new show from a restarted daemon.
        epoch: u64,
        /// The layout of the rows.
        schema: Schema,
        /// What is set.
        state: ShowState,
        /// Where the beat is.
        timeline: Timeline,
        /// How many events this daemon has told to everyone before.
        number: u64,
        /// The last of them that changed what is set; rows carry this number.
        #[serde(default)]
        set: u64,
        /// The UDP port on which it tells the time, see [`clock_packet`](crate::clock_packet); 0 where it does not.
        #[serde(default)]
        clock_port: u16,
    },
    /// Answers a hello that cannot be served; the connection ends.
    Refused {
        /// What to tell the operator.
        why: String,
    },
    /// Something has happened, and everyone is told.
    Numbered {
        /// How many events this daemon has told to everyone, with this one. The same on all connections: whoever has
        /// two of them takes it once.
        number: u64,
        /// What has happened.
        event: Event,
    },
    /// Something that concerns this client alone.
    Event(Event),
    /// The daemon begins to lead the show, or to stand by.
    Daemon(Daemon),
    /// Answers the hello of one that is not paired: it may show a code.
    Pair {
        /// The code's first two digits.
        place: u8,
        /// How long the code counts, in seconds.
        seconds: u32,
    },
    /// Pairing: the operator has typed the code. Both in hexadecimal digits.
    Proof {
        /// The daemon's share.
        share: String,
        /// Proves that the daemon knows the code.
        proof: String,
    },
    /// Answers an [`Admin`].
    Admin(AdminAnswer),
    /// A message that this build does not know.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Longer than [`MAX_LEN`].
    #[error("a message of {0} bytes is longer than the {MAX_LEN} allowed")]
    TooLong(usize),
    /// Not the JSON of a message.
    #[error("not a message: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// The bytes of a message, length first (32 bits, big-endian).
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, MessageError> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let len = bytes.len() - 4;
    if len > MAX_LEN {
        return Err(MessageError::TooLong(len));
    }
    bytes[..4].copy_from_slice(&(len as u32).to_be_bytes());
    Ok(bytes)
}

/// The length that the first four bytes announce, refused when too long.
pub fn decode_len(bytes: [u8; 4]) -> Result<usize, MessageError> {
    let len = u32::from_be_bytes(bytes) as usize;
    if len > MAX_LEN { Err(MessageError::TooLong(len)) } else { Ok(len) }
}

/// The message in a body of the announced length.
pub fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<M, MessageError> {
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;
    use proptest::prelude::*;

    fn round_trip(message: &ClientMessage) -> ClientMessage {
        let bytes = encode(message).expect("encodes");
        assert_eq!(decode_len(bytes[..4].try_into().expect("four")).expect("short"), bytes.len() - 4);
        decode(&bytes[4..]).expect("decodes")
    }

    #[test]
    fn a_command_arrives_as_it_was_sent() {
        let what = Action::Scene { layer: "back".into(), scene: "tunnel".into() };
        let message = ClientMessage::Command(Command { what, when: crate::When::Bar, from: String::new() });
        assert_eq!(round_trip(&message), message);
    }

    #[test]
    fn fields_and_messages_from_a_newer_peer_are_skipped() {
        let newer = br#"{"hello":{"version":1,"name":"n","role":"viewer","colour":"blue"}}"#;
        assert!(matches!(decode(newer), Ok(ClientMessage::Hello { version: 1, .. })));
        assert!(matches!(decode(br#"{"dance":{"steps":3}}"#), Ok(ClientMessage::Unknown(_))));
    }

    #[test]
    fn an_announced_flood_is_refused_before_it_is_read() {
        assert!(matches!(decode_len([0xff; 4]), Err(MessageError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<ServerMessage>(&bytes);
            let _ = decode::<ClientMessage>(&bytes);
        }
    }
}
