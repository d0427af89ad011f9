//! The one way out of the tracks.
//!
//! Today the [subscribers](super::subscribers) of connected clients stands behind it. A bridge to a relay engine would stand
//! in the same place.

use super::archive::ArchivedRow;
use bytes::Bytes;
use downbeat_protocol::{Schema, ShowState, Timeline};
use std::sync::Arc;

/// Takes what is published, whoever listens.
pub trait Publisher {
    /// Publishes one turn on all tracks at once: a newcomer gets either the state before it and all its events, or the
    /// state after it and none of them. Never waits for a listener.
    fn publish(&mut self, turn: Turn);
}

/// What there is to publish at one moment.
#[derive(Debug)]
pub struct Turn {
    /// The track `events`: encoded messages, in order. Nobody who follows may miss one.
    pub events: Vec<EncodedEvent>,
    /// The track `state`: what a newcomer is given before all else, after `events`.
    pub state: Snapshot,
    /// The track `rows`: datagrams, the newest last. That is what counts; any may be lost.
    pub rows: Vec<Bytes>,
    /// The new ones of these rows as they are kept for those who missed them.
    pub kept: Vec<ArchivedRow>,
    /// Events that could not be encoded and rows that were never seen here, to be counted.
    pub unsaid: u64,
}

/// One event, encoded for those who hear it.
#[derive(Clone, Debug)]
pub struct EncodedEvent {
    /// For those who watch over the show.
    pub whole: Bytes,
    /// For nodes: a status does not list everyone. To tell each of many how all the others are doing would cost as much
    /// as the rows.
    pub brief: Bytes,
}

/// All that a newcomer has to know.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The layout of the rows.
    pub schema: Arc<Schema>,
    /// What is set.
    pub state: Arc<ShowState>,
    /// Where the beat is.
    pub timeline: Timeline,
    /// How many events were told to everyone before.
    pub number: u64,
    /// The last of them that changed what is set.
    pub set: u64,
}
