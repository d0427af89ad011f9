//! Messages on a stream: a length and JSON.
//!
//! JSON, because messages are few, people read them when debugging, and peers skip unknown fields, so old and new nodes
//! work together. Frequent data goes in [datagrams](crate::datagram).

use crate::status::Report;
use crate::{Command, Event, Schema, ShowState, Timeline};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A longer message is refused before it is read.
pub const MAX_LEN: usize = 1 << 20;

/// The role of a client, which defines its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Draws; cannot command.
    Renderer,
    /// Commands and watches.
    Controller,
    /// Watches.
    Viewer,
    /// A second daemon that follows, and leads when the first one dies.
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

    /// Whether a client paired in this role may connect as `other`: a controller may also only watch.
    pub fn covers(self, other: Self) -> bool {
        self == other || matches!((self, other), (Self::Controller, Self::Viewer))
    }
}

/// The longest name of a client, in characters.
const NAME_MAX: usize = 64;

/// Refuses names that are unreadable or that break the log; the text says what is allowed.
pub fn check_name(name: &str) -> Result<(), String> {
    let sound = (1..=NAME_MAX).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && name.chars().any(|letter| !letter.is_whitespace());
    if sound { Ok(()) } else { Err(format!("a name has 1 to {NAME_MAX} characters and no control characters")) }
}

/// A daemon as another one sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daemon {
    /// Drawn at random for each run of a daemon.
    pub run: u64,
    /// How often the show's leader had changed when this daemon, or the leader that it follows, began to lead.
    pub term: u32,
    /// Whether it leads the show, or stands by.
    pub leads: bool,
    /// The UDP port on which it serves clients.
    #[serde(default)]
    pub port: u16,
    /// How much earlier than it is it tells the beat, in nanoseconds, for displays that are slow. A daemon that follows
    /// it takes that back.
    #[serde(default)]
    pub early_ns: i64,
}

/// A request to manage the peers of a daemon. Not a [`Command`], because those may arrive over plain UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admin {
    /// Pair the peer that shows this code.
    Pair {
        /// The digits of the code.
        code: String,
        /// Its role; by default the one that it asks for.
        role: Option<Role>,
        /// Its name; by default the one that it gives.
        name: Option<String>,
    },
    /// Make a code that lets one browser in.
    Browser {
        /// Its role.
        role: Role,
        /// Its name.
        name: String,
    },
    /// Make a link that lets a tablet fetch a layout.
    Layout {
        /// `tablet` or `phone`.
        form: String,
    },
    /// List the paired peers.
    Peers,
    /// Revoke a peer, by its name or the beginning of its fingerprint.
    Revoke {
        /// The name, or at least eight digits.
        name: String,
    },
}

/// The answer to an [`Admin`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdminAnswer {
    /// Done; the text says what.
    Done(String),
    /// Refused; the text says why.
    Refused(String),
    /// The paired peers.
    Peers(Vec<Peer>),
    /// A code for a browser.
    Browser {
        /// Six digits.
        code: String,
        /// Its validity, in seconds.
        seconds: u32,
        /// The addresses of the page where to type it. Empty if the daemon serves no page.
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

/// A paired peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its key: the SHA-256 of its certificate, in hexadecimal digits.
    pub fingerprint: String,
}

/// A message from a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientMessage {
    /// The first message.
    Hello {
        /// Its protocol [`VERSION`](crate::VERSION).
        version: u16,
        /// Its name, for the operator.
        name: String,
        /// Its role.
        role: Role,
        /// The highest [term](crate::datagram::Head::term) that it knows: a daemon that leads an earlier one must stand
        /// down.
        #[serde(default)]
        term: u32,
        /// The show of that term.
        #[serde(default)]
        epoch: u64,
        /// The daemon's own standing, if a daemon follows another one.
        #[serde(default)]
        daemon: Option<Daemon>,
    },
    /// A command.
    Command(Command),
    /// Its report.
    Report(Box<Report>),
    /// A daemon that follows this one starts to lead the show, or to stand by.
    Daemon(Daemon),
    /// Pairing: the client's share, in hexadecimal digits. It shows its code from then on.
    Share(String),
    /// Pairing: the client's proof that it knows the typed code, in hexadecimal digits.
    Proof(String),
    /// A request to manage peers.
    Admin(Admin),
    /// A message unknown to this build.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// A message from the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerMessage {
    /// Answers a hello with everything that a newcomer needs. Changes follow as events.
    Welcome {
        /// The daemon's protocol [`VERSION`](crate::VERSION).
        version: u16,
        /// The daemon.
        daemon: Daemon,
        /// The show's name.
        show: String,
        /// Distinguishes a new show from a restarted daemon.
        epoch: u64,
        /// The layout of the rows.
        schema: Schema,
        /// The state.
        state: ShowState,
        /// The timeline.
        timeline: Timeline,
        /// Number of events sent to everyone before.
        number: u64,
        /// The last of them that changed the state; rows carry this number.
        #[serde(default)]
        set: u64,
        /// The UDP port of its clock, see [`clock_packet`](crate::clock_packet); 0 if it has none.
        #[serde(default)]
        clock_port: u16,
    },
    /// Refuses a hello; the connection ends.
    Refused {
        /// Why, for the operator.
        why: String,
    },
    /// An event for everyone.
    Numbered {
        /// Number of events sent to everyone, including this one. The same on all connections, so that a client with
        /// two takes each event once.
        number: u64,
        /// The event.
        event: Event,
    },
    /// An event for this client only.
    Event(Event),
    /// The daemon starts to lead the show, or to stand by.
    Daemon(Daemon),
    /// Answers the hello of an unpaired client, which may show a code.
    Pair {
        /// The code's first two digits.
        place: u8,
        /// Validity of the code, in seconds.
        seconds: u32,
    },
    /// Pairing: the operator has typed the code. Both in hexadecimal digits.
    Proof {
        /// The daemon's share.
        share: String,
        /// The daemon's proof that it knows the code.
        proof: String,
    },
    /// Answers an [`Admin`].
    Admin(AdminAnswer),
    /// A message unknown to this build.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Longer than [`MAX_LEN`].
    #[error("a message of {0} bytes is longer than the {MAX_LEN} allowed")]
    TooLong(usize),
    /// Not JSON of a message.
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

/// The length given by the first four bytes; an error if too long.
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
    fn a_message_of_an_older_daemon_that_does_not_say_when_is_read() {
        let older = br#"{"event":{"message":{"output":"desk","address":"/go","value":null,"by":"rule:go"}}}"#;
        let Ok(ServerMessage::Event(event)) = decode(older) else { panic!("an event") };
        assert!(matches!(event, Event::Message { at: crate::ShowTime::ZERO, .. }), "{event:?}");
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
