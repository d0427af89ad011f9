//! The connected clients.

use super::admission::KnownClient;
use crate::dispatch::Health;
use crate::server::ServerContext;
use crate::server::archive::Archive;
use crate::server::fitting;
use crate::server::publisher::{EncodedEvent, Publisher, Snapshot, Turn};
use bytes::Bytes;
use downbeat_protocol::datagram::{Head, Want, encode_ask};
use downbeat_protocol::message::{self, Daemon, MessageError, Role, ServerMessage};
use downbeat_protocol::{Event, Schema, ShowState, VERSION, close};
use quinn::{Connection, VarInt};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Maximum of events waiting for one client. One further behind gets the whole state instead of what it missed.
const EVENTS: usize = 256;
/// Places from which a client that was behind is on time again.
const ROOM: usize = EVENTS / 2;

/// All subscribers. Shared between the thread that publishes and the one that accepts.
#[derive(Clone)]
pub struct Subscribers(Arc<Mutex<State>>);

struct State {
    context: ServerContext,
    /// This daemon's standing and show as last sent.
    told: (Daemon, u64),
    /// The last question to all clients.
    asked: u32,
    snapshot: Snapshot,
    archive: Archive,
    subscribers: Vec<Subscriber>,
    health: Arc<Health>,
}

struct Subscriber {
    connection: Connection,
    /// A node only draws, and does not need the state of others.
    node: bool,
    events: mpsc::Sender<Bytes>,
    /// What it was last told of this daemon, and the layout of rows.
    daemon: Daemon,
    schema: Arc<Schema>,
    /// Whether it has missed events, so that only the whole state helps.
    behind: bool,
}

impl Subscriber {
    /// Sends what this client needs of a turn, and returns how many events it misses for good.
    fn tell(&mut self, turn: &[EncodedEvent], snapshot: &Snapshot, daemon: Daemon) -> u64 {
        if self.daemon != daemon
            && let Ok(bytes) = message::encode(&ServerMessage::Daemon(daemon))
            && self.events.try_send(bytes.into()).is_ok()
        {
            self.daemon = daemon;
        }
        if self.behind {
            self.catch_up(snapshot);
            return turn.len() as u64;
        }
        for (place, event) in turn.iter().enumerate() {
            let Some(bytes) = (if self.node { event.brief.clone() } else { Some(event.whole.clone()) }) else {
                continue;
            };
            if self.events.try_send(bytes).is_err() {
                self.behind = true;
                return (turn.len() - place) as u64;
            }
        }
        self.schema = Arc::clone(&snapshot.schema);
        0
    }

    /// The layout of rows, if it has changed, and the whole state, once there is room.
    fn catch_up(&mut self, snapshot: &Snapshot) {
        if self.events.capacity() < ROOM {
            return;
        }
        // Rows name the event that last set the state: what came after it, such as a status, set nothing.
        let number = snapshot.set;
        let numbered = |event| ServerMessage::Numbered { number, event };
        let send =
            |bytes: Result<Vec<u8>, MessageError>| bytes.is_ok_and(|bytes| self.events.try_send(bytes.into()).is_ok());
        let layout = || message::encode(&numbered(Event::Schema(snapshot.schema.as_ref().clone())));
        let state = || fitting::encode(&snapshot.state, |state| numbered(Event::State(state)));
        let knows_layout = Arc::ptr_eq(&self.schema, &snapshot.schema) || send(layout());
        let knows_all = knows_layout && send(state());
        if knows_layout {
            self.schema = Arc::clone(&snapshot.schema);
        }
        self.behind = !knows_all;
    }
}

/// A client's place. Dropping this ends its messages.
pub struct Subscription {
    subscribers: Subscribers,
    connection: usize,
    /// Messages to this client, the welcome first.
    pub events: mpsc::Receiver<Bytes>,
    /// For messages to this client only.
    pub aside: mpsc::Sender<Bytes>,
    /// The rows of the last seconds, in pieces.
    pub history: Vec<Vec<u8>>,
}

impl Subscribers {
    /// Without subscribers.
    pub fn new(snapshot: Snapshot, context: &ServerContext, health: Arc<Health>) -> Self {
        let told = (context.daemon(), context.leadership.epoch());
        let state = State {
            context: context.clone(),
            told,
            asked: 0,
            snapshot,
            archive: Archive::default(),
            subscribers: Vec::new(),
            health,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Adds a client. Its first message is the welcome, and the last status comes second for those that watch; every
    /// later event follows exactly once. One that looks back also gets the rows of the last seconds.
    pub fn join(&self, connection: &Connection, client: &KnownClient) -> Result<Subscription, MessageError> {
        let (aside, events) = mpsc::channel(EVENTS);
        let mut state = self.lock();
        let welcome = fitting::encode(&state.snapshot.state, |it| state.welcome(it))?;
        // The queue is new and empty: there is room.
        let _ = aside.try_send(welcome.into());
        let node = client.role == Role::Renderer;
        if let Some(status) = state.status().filter(|_| !node) {
            let _ = aside.try_send(message::encode(&status)?.into());
        }
        let subscriber = Subscriber {
            connection: connection.clone(),
            node,
            events: aside.clone(),
            daemon: state.told.0,
            schema: Arc::clone(&state.snapshot.schema),
            behind: false,
        };
        state.subscribers.push(subscriber);
        let history =
            state.head().filter(|_| client.looks_back()).map_or_else(Vec::new, |head| state.archive.pieces(head));
        Ok(Subscription { subscribers: self.clone(), connection: connection.stable_id(), events, aside, history })
    }

    /// The datagrams for a client that misses rows. None if this daemon does not lead, or not in that term.
    pub fn answer(&self, want: Want) -> Vec<Vec<u8>> {
        let state = self.lock();
        let head = state.head().filter(|head| head.term == want.term);
        head.map_or_else(Vec::new, |head| state.archive.answer(head, want))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Publisher for Subscribers {
    fn publish(&mut self, turn: Turn) {
        let mut state = self.lock();
        state.tell_what_we_are();
        state.ask();
        let State { subscribers, health, snapshot, archive, told, .. } = &mut *state;
        *snapshot = turn.state;
        turn.kept.into_iter().for_each(|kept| archive.keep(kept));
        let (mut sent, mut dropped) = (0, 0);
        for subscriber in subscribers {
            for bytes in &turn.rows {
                // Without room it replaces the oldest one silently.
                let full = subscriber.connection.datagram_send_buffer_space() < bytes.len();
                // It cannot be too large, and the client notices a lost connection itself.
                if subscriber.connection.send_datagram(bytes.clone()).is_ok() {
                    sent += 1;
                    dropped += u64::from(full);
                }
            }
            dropped += subscriber.tell(&turn.events, snapshot, told.0);
        }
        health.count_sent_many(sent);
        health.count_dropped(dropped);
    }
}

impl State {
    /// The daemon whose rows are sent; none while this daemon stands by.
    fn head(&self) -> Option<Head> {
        let (Daemon { term, leads: true, .. }, epoch) = self.told else { return None };
        Some(Head { epoch, term, schema: self.snapshot.schema.id() })
    }

    fn welcome(&self, state: ShowState) -> ServerMessage {
        ServerMessage::Welcome {
            version: VERSION,
            daemon: self.told.0,
            show: self.context.show.clone(),
            epoch: self.told.1,
            schema: self.snapshot.schema.as_ref().clone(),
            state,
            timeline: self.snapshot.timeline,
            number: self.snapshot.number,
            set: self.snapshot.set,
            clock_port: self.context.ports.clock,
        }
    }

    /// The last status, which is no event of its own.
    fn status(&self) -> Option<ServerMessage> {
        let Snapshot { number, status, .. } = &self.snapshot;
        let event = Event::Status(status.as_deref()?.clone());
        Some(ServerMessage::Numbered { number: *number, event })
    }

    /// This daemon's standing may have changed. Clients of another show must reconnect.
    fn tell_what_we_are(&mut self) {
        let now = (self.context.daemon(), self.context.leadership.epoch());
        let before = std::mem::replace(&mut self.told, now);
        if before.1 != now.1 {
            for subscriber in self.subscribers.drain(..) {
                subscriber.connection.close(VarInt::from_u32(close::GOODBYE), b"this daemon has joined another show");
            }
        }
    }
}

impl State {
    /// Asks all clients whether they hear the leader, on request.
    fn ask(&mut self) {
        let (count, term) = self.context.gossip.question();
        if std::mem::replace(&mut self.asked, count) != count {
            let question = Bytes::from(encode_ask(term));
            // The client notices a lost connection itself.
            self.subscribers.iter().for_each(|subscriber| drop(subscriber.connection.send_datagram(question.clone())));
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscribers.lock().subscribers.retain(|subscriber| subscriber.connection.stable_id() != self.connection);
    }
}
