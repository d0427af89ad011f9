//! The connected clients.

use super::House;
use super::admission::Guest;
use super::archive::Archive;
use super::publisher::{Publisher, Snapshot, Telling, Turn};
use crate::dispatch::Health;
use bytes::Bytes;
use downbeat_protocol::datagram::{Head, Want, encode_ask};
use downbeat_protocol::message::{self, Daemon, MessageError, Role, ServerMessage};
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
    house: House,
    /// What this daemon was when everyone was last told, and which show's.
    told: (Daemon, u64),
    /// The last question that was put to everyone.
    asked: u32,
    snapshot: Snapshot,
    archive: Archive,
    seats: Vec<Seat>,
    health: Arc<Health>,
}

struct Seat {
    connection: Connection,
    /// A node draws, and need not know how everyone is doing.
    node: bool,
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
    /// The rows of the last seconds, in pieces.
    pub history: Vec<Vec<u8>>,
}

impl Audience {
    /// Nobody yet.
    pub fn new(snapshot: Snapshot, house: &House, health: Arc<Health>) -> Self {
        let told = (house.daemon(), house.office.epoch());
        let hall = Hall {
            house: house.clone(),
            told,
            asked: 0,
            snapshot,
            archive: Archive::default(),
            seats: Vec::new(),
            health,
        };
        Self(Arc::new(Mutex::new(hall)))
    }

    /// Seats a client. Its first message is the welcome; every event after that follows, none is lost or comes twice.
    /// Who looks back is given the rows of the last seconds, too.
    pub fn join(&self, connection: &Connection, guest: &Guest) -> Result<Ticket, MessageError> {
        let (aside, events) = mpsc::channel(EVENTS);
        let mut hall = self.lock();
        let welcome = message::encode(&hall.welcome())?;
        // The queue is new and empty: there is room.
        let _ = aside.try_send(welcome.into());
        hall.seats.push(Seat {
            connection: connection.clone(),
            node: guest.role == Role::Renderer,
            events: aside.clone(),
        });
        let history =
            hall.head().filter(|_| guest.looks_back()).map_or_else(Vec::new, |head| hall.archive.pieces(head));
        Ok(Ticket { audience: self.clone(), connection: connection.stable_id(), events, aside, history })
    }

    /// The datagrams for a client that misses rows. None when this daemon does not lead, or not in that term.
    pub fn answer(&self, want: Want) -> Vec<Vec<u8>> {
        let hall = self.lock();
        let head = hall.head().filter(|head| head.term == want.term);
        head.map_or_else(Vec::new, |head| hall.archive.answer(head, want))
    }

    fn lock(&self) -> MutexGuard<'_, Hall> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Publisher for Audience {
    fn publish(&mut self, turn: Turn) {
        let mut hall = self.lock();
        hall.tell_what_we_are();
        hall.ask();
        let Hall { seats, health, snapshot, archive, .. } = &mut *hall;
        *snapshot = turn.state;
        turn.kept.into_iter().for_each(|kept| archive.keep(kept));
        let (mut sent, mut dropped) = (0, 0);
        seats.retain(|seat| {
            for bytes in &turn.rows {
                // What there is no room for takes the place of what waits longest, and nobody says so.
                let full = seat.connection.datagram_send_buffer_space() < bytes.len();
                // Too large cannot be, and a lost connection is noticed by its guest.
                if seat.connection.send_datagram(bytes.clone()).is_ok() {
                    sent += 1;
                    dropped += u64::from(full);
                }
            }
            let for_it = |telling: &Telling| if seat.node { telling.brief.clone() } else { telling.whole.clone() };
            let kept = turn.events.iter().all(|telling| seat.events.try_send(for_it(telling)).is_ok());
            if !kept {
                health.count_dropped(1);
                seat.connection.close(VarInt::from_u32(close::TOO_SLOW), b"too slow: the events are not taken");
            }
            kept
        });
        health.count_sent_many(sent);
        health.count_dropped(dropped);
    }
}

impl Hall {
    /// Whose rows are given; none while this daemon stands by.
    fn head(&self) -> Option<Head> {
        let (Daemon { term, leads: true, .. }, epoch) = self.told else { return None };
        Some(Head { epoch, term, schema: self.snapshot.schema.id() })
    }

    fn welcome(&self) -> ServerMessage {
        ServerMessage::Welcome {
            version: VERSION,
            daemon: self.told.0,
            show: self.house.show.clone(),
            epoch: self.told.1,
            schema: self.snapshot.schema.as_ref().clone(),
            state: self.snapshot.state.as_ref().clone(),
            timeline: self.snapshot.timeline,
            number: self.snapshot.number,
            set: self.snapshot.set,
            clock_port: self.house.clock_port,
        }
    }

    /// Whether this daemon leads has changed: everyone is told. Those of another show than before have to come anew.
    fn tell_what_we_are(&mut self) {
        let now = (self.house.daemon(), self.house.office.epoch());
        let before = std::mem::replace(&mut self.told, now);
        if before.1 != now.1 {
            for seat in self.seats.drain(..) {
                seat.connection.close(VarInt::from_u32(close::GOODBYE), b"this daemon has joined a show");
            }
        }
        if before.0 != now.0
            && let Ok(bytes) = message::encode(&ServerMessage::Daemon(now.0))
        {
            let bytes = Bytes::from(bytes);
            // Who has no room for it is about to be sent away for that.
            self.seats.iter().for_each(|seat| drop(seat.events.try_send(bytes.clone())));
        }
    }
}

impl Hall {
    /// Asks everyone whether they hear the leader, when somebody wants to know.
    fn ask(&mut self) {
        let (count, term) = self.house.hearsay.question();
        if std::mem::replace(&mut self.asked, count) != count {
            let question = Bytes::from(encode_ask(term));
            // A lost connection is noticed by its guest.
            self.seats.iter().for_each(|seat| drop(seat.connection.send_datagram(question.clone())));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.audience.lock().seats.retain(|seat| seat.connection.stable_id() != self.connection);
    }
}
