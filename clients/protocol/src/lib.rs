//! The wire format and the vocabulary shared by the daemon and its clients.
//!
//! Everything here is pure: it reads no clock, opens no socket and starts no thread. The daemon and each client decode
//! and encode with the same functions and keep the same [`ShowState`] with the same reducer, so the two sides cannot
//! drift apart.
//!
//! * time: [`HostTime`], [`ShowTime`], [`Beats`], [`Timeline`]
//! * signals: [`Schema`], [`Signal`], [`Row`]
//! * commands: [`Action`], [`Command`], [`When`]
//! * addresses: [`tree`]; suggestions for misspelt names: [`nearest`]
//! * machines: [`network`]
//! * medians and percentiles: [`quantile()`]
//! * stored changes: [`Cue`], [`Rule`]; as people write them: [`definition`]
//! * state: [`ShowState`], [`Event`], [`Status`]
//! * bytes: [`message`] on streams, [`datagram`] for rows and clock, [`clock_packet`] for the clock port, [`close`] for
//!   close codes

pub mod action;
pub mod announcement;
pub mod beats;
pub mod clock_packet;
pub mod close;
pub mod command;
pub mod cue;
pub mod datagram;
pub mod definition;
pub mod echo;
pub mod event;
pub mod fade;
pub mod message;
pub mod nearest;
pub mod network;
pub mod picture;
pub mod plausible;
pub mod quantile;
pub mod row;
pub mod rule;
pub mod schema;
pub mod state;
pub mod status;
pub mod time;
pub mod timeline;
pub mod tree;
pub mod value;
pub mod when;

pub use action::Action;
pub use beats::Beats;
pub use command::{Command, Trust};
pub use cue::Cue;
pub use event::Event;
pub use quantile::quantile;
pub use row::Row;
pub use rule::Rule;
pub use schema::{Schema, Signal, Unit};
pub use state::{Blend, Layer, ShowState};
pub use status::Status;
pub use time::{HostTime, ShowTime};
pub use timeline::Timeline;
pub use tree::{ActionError, Tree};
pub use value::Value;
pub use when::When;

/// The ALPN name in TLS; the number after the slash is the major version of the wire.
pub const ALPN: &[u8] = b"downbeat/1";

/// The wire version of this build. A peer with another major version is refused at `Hello`.
pub const VERSION: u16 = 1;

/// Default UDP port of the daemon's QUIC server.
pub const DEFAULT_PORT: u16 = 9440;
