//! The connected clients.

use super::House;
use super::publisher::{Publisher, Snapshot, Turn};
use crate::dispatch::Health;
use bytes::Bytes;
use downbeat_protocol::message::{self, MessageError, ServerMessage};
use downbeat_protocol::{VERSION, close};
use quinn::{Connection, VarInt};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Events that may wait for one client. Who is further behind is sent away: it will come back and get the state whole.
const EVENTS: usize = 256;

/// Everybody who follows. Shared between the thread that publishes and the one that accepts.
#[derive(Clone)]
pub struct Audience(Arc<Mutex<Hall>>);

struct Hall {
    show: String,
    epoch: u64,
    snapshot: Snapshot,
    seats: Vec<Seat>,
    health: Arc<Health>,
}

struct Seat {
    connection: Connection,
    events: mpsc::Sender<Bytes>,
}

/// A client's place. Nothing is sent to it any more when this is dropped.
pub struct Ticket {
    audience: Audience,
    connection: usize,
    /// What is to be said to this client, the welcome first.
    pub events: mpsc::Receiver<Bytes>,
    /// For what is said to this client alone.
    pub aside: mpsc::Sender<Bytes>,
}

impl Audience {
    /// Nobody yet.
    pub fn new(snapshot: Snapshot, house: &House, health: Arc<Health>) -> Self {
        let hall = Hall { show: house.show.clone(), epoch: house.epoch, snapshot, seats: Vec::new(), health };
        Self(Arc::new(Mutex::new(hall)))
    }

    /// Seats a client. Its first message is the welcome; every event after that follows, none is lost or comes twice.
    pub fn join(&self, connection: &Connection) -> Result<Ticket, MessageError> {
        let (aside, events) = mpsc::channel(EVENTS);
        let mut hall = self.lock();
        let welcome = message::encode(&hall.welcome())?;
        // The queue is new and empty: there is room.
        let _ = aside.try_send(welcome.into());
        hall.seats.push(Seat { connection: connection.clone(), events: aside.clone() });
        Ok(Ticket { audience: self.clone(), connection: connection.stable_id(), events, aside })
    }

    fn lock(&self) -> MutexGuard<'_, Hall> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Publisher for Audience {
    fn publish(&mut self, turn: Turn) {
        let mut hall = self.lock();
        let Hall { seats, health, snapshot, .. } = &mut *hall;
        *snapshot = turn.state;
        seats.retain(|seat| {
            for bytes in &turn.rows {
                // Too large cannot be, and a lost connection is noticed by its guest.
                if seat.connection.send_datagram(bytes.clone()).is_ok() {
                    health.count_sent();
                }
            }
            let kept = turn.events.iter().all(|bytes| seat.events.try_send(bytes.clone()).is_ok());
            if !kept {
                health.count_dropped(1);
                seat.connection.close(VarInt::from_u32(close::TOO_SLOW), b"too slow: the events are not taken");
            }
            kept
        });
    }
}

impl Hall {
    fn welcome(&self) -> ServerMessage {
        ServerMessage::Welcome {
            version: VERSION,
            show: self.show.clone(),
            epoch: self.epoch,
            schema: self.snapshot.schema.as_ref().clone(),
            state: self.snapshot.state.as_ref().clone(),
            timeline: self.snapshot.timeline,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.audience.lock().seats.retain(|seat| seat.connection.stable_id() != self.connection);
    }
}
