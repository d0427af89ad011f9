//! The output of the tracks.
//!
//! Currently the [subscribers](super::subscribers) of connected clients. A bridge to a relay engine would take the same
//! place.

use super::archive::ArchivedRow;
use bytes::Bytes;
use downbeat_protocol::{Schema, ShowState, Status, Timeline};
use std::sync::Arc;

/// Takes everything published, whoever listens.
pub trait Publisher {
    /// Publishes one turn on all tracks at once: a newcomer gets either the state before it and all its events, or the
    /// state after it and none of them. Never waits for a listener.
    fn publish(&mut self, turn: Turn);
}

/// What to publish at one moment.
#[derive(Debug)]
pub struct Turn {
    /// The track `events`: encoded messages, in order. A follower must not miss any.
    pub events: Vec<EncodedEvent>,
    /// The track `state`: the first message of a newcomer, after `events`.
    pub state: Snapshot,
    /// The track `rows`: datagrams, the newest last. Only that one matters; any may be lost.
    pub rows: Vec<Bytes>,
    /// The new rows as archived for those that miss them.
    pub kept: Vec<ArchivedRow>,
    /// Events that could not be encoded and rows never seen here, to count.
    pub unsaid: u64,
}

/// One event, encoded for its receivers.
#[derive(Clone, Debug)]
pub struct EncodedEvent {
    /// For clients that watch the show.
    pub whole: Bytes,
    /// For nodes: a status without the list of clients, and no refusal. Sending each of many nodes the state of all
    /// others would cost as much as the rows.
    pub brief: Option<Bytes>,
}

/// Everything for a newcomer.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The layout of the rows.
    pub schema: Arc<Schema>,
    /// The settings.
    pub state: Arc<ShowState>,
    /// The timeline.
    pub timeline: Timeline,
    /// Number of events sent to everyone before.
    pub number: u64,
    /// The last of them that changed the state.
    pub set: u64,
    /// The last status, once there is one.
    pub status: Option<Arc<Status>>,
}
