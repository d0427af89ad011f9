//! The wire and the words that the daemon and its clients share.
//!
//! Everything here is pure: no clock is read, no socket opened, no thread started. The daemon and each client
//! decode and encode with the same functions and keep the same [`ShowState`] with the same reducer, so that the
//! two sides cannot drift apart.
//!
//! * time: [`HostTime`], [`ShowTime`], [`Beats`], [`Timeline`]
//! * what is heard: [`Schema`], [`Signal`], [`Row`]
//! * what is wanted: [`Action`], [`Command`], [`When`]
//! * where all of it is: [`tree`]; what a misspelt name probably means: [`nearest`]
//! * what is stored to be done: [`Cue`], [`Rule`]; how people write it: [`definition`]
//! * what is so: [`ShowState`], [`Event`], [`Status`]
//! * bytes: [`message`] on streams, [`datagram`] for rows and clock, [`clock_packet`] for the clock port, [`close`] for
//!   the reason of an end

pub mod action;
pub mod announcement;
pub mod beats;
pub mod clock_packet;
pub mod close;
pub mod command;
pub mod cue;
pub mod datagram;
pub mod definition;
pub mod event;
pub mod fade;
pub mod message;
pub mod nearest;
pub mod picture;
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
pub use command::Command;
pub use cue::Cue;
pub use event::Event;
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

/// The name that both ends offer in TLS; the number after the slash is the major version of the wire.
pub const ALPN: &[u8] = b"downbeat/1";

/// The wire version that this build speaks. A peer with another major version is refused in `Hello`.
pub const VERSION: u16 = 1;

/// UDP port on which the daemon serves QUIC unless told otherwise.
pub const DEFAULT_PORT: u16 = 9440;
