//! One connection, from hello to close.

use super::Listing;
use super::admission::{Admission, AdmissionPolicy, Credentials, KnownClient};
use super::subscribers::{Subscribers, Subscription};
use super::wire::{self, WireError};
use crate::clock::host_now;
use crate::controls::commands::arrived;
use crate::controls::share::Shares;
use crate::dispatch::Health;
use crate::edges::allowance::Allowance;
use crate::edges::places::{Limits, Place, Places, Standing};
use crate::server::ServerContext;
use crate::server::peers::Gossip;
use bytes::Bytes;
use downbeat_client::clock::Key;
use downbeat_peer::identity::{at_home, tls};
use downbeat_protocol::datagram::{self, Datagram, DatagramError, Pong, Want};
use downbeat_protocol::message::{self, ClientMessage, Daemon, Role, ServerMessage};
use downbeat_protocol::status::Client;
use downbeat_protocol::{Command, Event, close};
use quinn::{Connection, Incoming, RecvStream, SendStream, VarInt};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Maximum of connections. One daemon serves about a hundred followers. Of one host: a wall of nodes, and more.
const CONNECTIONS: Limits = Limits { all: 256, for_kin: 64, at_home: 32, of_host: 64, silence: None };
/// Maximum of handshakes at a time, once an address is proven. Of one host: a box with many outputs that has just booted.
const SHAKING: Limits = Limits { all: 128, for_kin: 64, at_home: 32, of_host: 16, silence: None };
/// Why one had to leave.
const MADE_ROOM: &str = "all places are taken, and its host had most of them: another machine needs one";
/// Time from a client's first packet to its hello.
const HELLO: Duration = Duration::from_secs(2);
/// Maximum time for a client to take one piece of a message.
const STALLED: Duration = Duration::from_secs(2);
/// The length of such a piece, in bytes: a large state on a slow link takes its time.
const PIECE: usize = 16 * 1024;
/// Time for a refused client to read the reason.
const REFUSED: Duration = Duration::from_secs(1);
/// Messages at once and per second: ten faders that move at 50 Hz, and bursts above that.
const MESSAGES: (f64, f64) = (1_000.0, 500.0);
/// How often a client that sends more is looked at.
const PAUSE: Duration = Duration::from_millis(5);
/// Pings at once and per second. Clients send ten a second.
const PINGS: (f64, f64) = (100.0, 100.0);

/// Requests for missing rows at once and per second, and rows sent for each. Clients request four at a time, every 15
/// ms.
const WANTS: (f64, f64) = (100.0, 300.0);
const ROWS_WANTED: u8 = 16;

/// Where connections are received.
pub struct ConnectionHandler {
    pub policy: AdmissionPolicy,
    pub context: ServerContext,
    pub subscribers: Subscribers,
    pub health: Arc<Health>,
    /// How much of the door each client has filled.
    shares: Mutex<Shares>,
    places: Places,
    shaking: Places,
}

/// The reason for closing, as sent to the client.
pub struct CloseReason {
    code: u32,
    why: String,
}

impl CloseReason {
    pub fn new(code: u32, why: impl std::fmt::Display) -> Self {
        Self { code, why: why.to_string() }
    }
}

impl ConnectionHandler {
    /// Without connections.
    pub fn new(policy: AdmissionPolicy, context: ServerContext, subscribers: Subscribers, health: Arc<Health>) -> Self {
        let [places, shaking] = [CONNECTIONS, SHAKING].map(|it| Places::new(it, context.keys.waiting.kin().clone()));
        Self { policy, context, subscribers, health, shares: Mutex::default(), places, shaking }
    }

    /// Serves one connection until it ends.
    pub async fn receive(&self, incoming: Incoming) {
        let peer = incoming.remote_address();
        // An address that may be forged is nobody's fault.
        let is_proven = incoming.remote_address_validated();
        let shaking = is_proven.then(|| enter(&self.shaking, peer));
        if let Some(None) = shaking {
            self.health.count_dropped(1);
            return incoming.refuse();
        }
        let Ok(connecting) = incoming.accept() else { return self.health.count_dropped(1) };
        let shaken = match shaking.flatten() {
            Some((_place, left)) => tokio::select! {
                shaken = timeout(HELLO, connecting) => shaken,
                _ = left => return self.health.count_dropped(1),
            },
            None => timeout(HELLO, connecting).await,
        };
        let Ok(Ok(connection)) = shaken else { return self.health.count_dropped(1) };
        // Only now it is certain that it comes from there.
        let Some((_place, left)) = enter(&self.places, peer) else {
            self.health.count_dropped(1);
            return connection.close(VarInt::from_u32(close::REFUSED), b"too many connections");
        };
        let reason = tokio::select! {
            reason = self.serve(&connection) => reason,
            _ = left => CloseReason::new(close::REFUSED, MADE_ROOM),
        };
        if reason.code != close::GOODBYE {
            self.health.count_dropped(1);
            // Without the port: the lines about one host are one thing, however often it comes.
            tracing::info!("quic client {}: {}", peer.ip(), reason.why);
        }
        connection.close(VarInt::from_u32(reason.code), reason.why.as_bytes());
    }

    /// Serves a client in its place, or pairs it.
    async fn serve(&self, connection: &Connection) -> CloseReason {
        match timeout(HELLO, self.greet(connection)).await {
            Ok(Ok((Admission::KnownClient(client), send, receive))) => {
                // From now on it makes room for nobody, and finds room when it comes again.
                self.context.keys.waiting.kin().note(connection.remote_address().ip(), host_now());
                self.host(connection, &client, send, receive).await
            }
            Ok(Ok((Admission::UnknownClient(client), send, receive))) => {
                self.pair(connection, &client, send, receive).await
            }
            Ok(Err(reason)) => reason,
            Err(_) => CloseReason::new(close::SILENT, format_args!("no hello within {} s", HELLO.as_secs())),
        }
    }

    /// Reads the hello and judges it.
    async fn greet(&self, connection: &Connection) -> Result<(Admission, SendStream, RecvStream), CloseReason> {
        let left = |error: quinn::ConnectionError| CloseReason::new(close::GOODBYE, error);
        let (mut send, mut receive) = connection.accept_bi().await.map_err(left)?;
        let hello = wire::read(&mut receive).await.map_err(|error| reason(&error))?;
        let said = LeaderClaim::of(&hello);
        let at_home = at_home(connection.remote_address().ip(), connection.local_ip());
        let paired = tls::peer(connection).and_then(|key| self.context.keys.known.find(&key));
        match KnownClient::admit(hello, Credentials { paired, at_home }, self.policy) {
            Ok(admission) => {
                if let Admission::KnownClient(client) = &admission {
                    said.pass(&self.context, client, connection);
                }
                Ok((admission, send, receive))
            }
            Err(why) => {
                if let Ok(bytes) = message::encode(&ServerMessage::Refused { why: why.clone() }) {
                    // Read or not, the connection ends with the same reason.
                    let _ = send.write_all(&bytes).await;
                    let _ = send.finish();
                    let _ = timeout(REFUSED, send.stopped()).await;
                }
                Err(CloseReason::new(close::REFUSED, why))
            }
        }
    }

    /// Serves a client until it leaves or misbehaves.
    async fn host(
        &self,
        connection: &Connection,
        client: &KnownClient,
        send: SendStream,
        receive: RecvStream,
    ) -> CloseReason {
        let Ok(mut subscription) = self.subscribers.join(connection, client) else {
            return CloseReason::new(close::REFUSED, "the show is too large to send");
        };
        // The clock port answers from the welcome until the connection ends.
        let _pass = Key::of(connection).map(|key| self.context.ports.clock_clients.admit(key));
        let listing = self.context.clients.enter(Client {
            name: client.name.clone(),
            role: client.role_name().into(),
            address: connection.remote_address().to_string(),
            ..Client::default()
        });
        tracing::info!(
            "quic client `{}` ({}) follows from {}",
            client.name,
            client.role_name(),
            connection.remote_address()
        );
        let Subscription { events, aside, history, .. } = &mut subscription;
        let history = std::mem::take(history);
        tokio::select! {
            reason = tell(events, send) => reason,
            reason = self.read_messages(connection, receive, client, aside, &listing) => reason,
            reason = self.read_datagrams(connection) => reason,
            reason = self.revoked(connection, client) => reason,
            reason = recall(connection, history) => reason,
        }
    }

    /// Waits until a client is no longer paired.
    async fn revoked(&self, connection: &Connection, client: &KnownClient) -> CloseReason {
        let known = &self.context.keys.known;
        let mut changes = known.changes();
        loop {
            let paired = tls::peer(connection).and_then(|key| known.find(&key));
            if client.paired && !paired.is_some_and(|paired| paired.role.covers(client.role)) {
                return CloseReason::new(close::REFUSED, "it is no longer paired");
            }
            if changes.changed().await.is_err() {
                // Revoking is no longer possible.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Commands and reports.
    async fn read_messages(
        &self,
        connection: &Connection,
        mut receive: RecvStream,
        client: &KnownClient,
        aside: &mpsc::Sender<Bytes>,
        listing: &Listing,
    ) -> CloseReason {
        let mut allowance = Allowance::new(MESSAGES.0, MESSAGES.1, host_now());
        loop {
            let message = match wire::read(&mut receive).await {
                Ok(message) => message,
                Err(error) => return reason(&error),
            };
            while !allowance.take(host_now()) {
                if client.may_command().is_err() {
                    return CloseReason::new(
                        close::FLOOD,
                        format_args!("more than {} messages per second", MESSAGES.1),
                    );
                }
                // A burst of commands, such as a standby's that passes a fader on, waits: QUIC slows its sender down.
                tokio::time::sleep(PAUSE).await;
            }
            match message {
                ClientMessage::Command(command) => {
                    if let Err(why) = self.obey(command, client) {
                        refuse(client, why, aside);
                    }
                }
                ClientMessage::Report(report) if report.is_sound() => listing.report(*report),
                // It would appear on every operator's page.
                ClientMessage::Report(_) => self.health.count_dropped(1),
                ClientMessage::Daemon(daemon) => {
                    LeaderClaim { term: 0, epoch: 0, daemon: Some(daemon) }.pass(&self.context, client, connection);
                }
                ClientMessage::Hello { .. } => return CloseReason::new(close::GARBAGE, "a second hello"),
                ClientMessage::Share(_) | ClientMessage::Proof(_) => {
                    return CloseReason::new(close::GARBAGE, "a pairing after the hello");
                }
                ClientMessage::Admin(admin) => {
                    let answer = ServerMessage::Admin(self.context.administer(admin, client).await);
                    if let Ok(bytes) = message::encode(&answer) {
                        // Waits for room: it is answered after what is on its way.
                        let _ = timeout(STALLED, aside.send(bytes.into())).await;
                    }
                }
                // A newer client may send unknown messages.
                ClientMessage::Unknown(_) => {}
            }
        }
    }

    /// Passes a command on. The error is for the client.
    fn obey(&self, command: Command, client: &KnownClient) -> Result<(), String> {
        client.may_command()?;
        if command.what.is_about_daemon() {
            client.may_lead()?;
        }
        let mut from = client.from();
        if client.role == Role::Standby {
            // The same may come here by itself, too.
            from.push(Command::RELAYED);
        }
        let command = arrived(Command { from, ..command }, self.context.clock.now());
        self.shares.lock().unwrap_or_else(PoisonError::into_inner).send(&self.context.door, command)
    }

    /// Answers clock requests of every client, and takes its statements about the leader. Reads the clock first for
    /// each datagram.
    async fn read_datagrams(&self, connection: &Connection) -> CloseReason {
        let mut allowance = Allowance::new(PINGS.0, PINGS.1, host_now());
        let mut wishes = Allowance::new(WANTS.0, WANTS.1, host_now());
        loop {
            let bytes = match connection.read_datagram().await {
                Ok(bytes) => bytes,
                Err(error) => return CloseReason::new(close::GOODBYE, error),
            };
            let heard_at = host_now();
            match datagram::decode(&bytes) {
                Ok(Datagram::Ping(ping)) if allowance.take(heard_at) => {
                    let received = self.context.clock.show(heard_at);
                    let pong = Pong { id: ping.id, sent: ping.sent, received, answered: self.context.clock.now() };
                    // On a lost connection, the next read ends.
                    let _ = connection.send_datagram(pong.encode().into());
                }
                Ok(Datagram::LeaderHeard(heard)) if allowance.take(heard_at) => {
                    self.context.gossip.pass(Gossip::LeaderHeard(heard))
                }
                Ok(Datagram::Want(want)) if wishes.take(heard_at) => {
                    for bytes in self.subscribers.answer(Want { count: want.count.min(ROWS_WANTED), ..want }) {
                        let _ = connection.send_datagram(bytes.into());
                        // The buffer is short and drops its oldest: each is sent before the next one.
                        tokio::task::yield_now().await;
                    }
                }
                Ok(Datagram::Ping(_) | Datagram::LeaderHeard(_) | Datagram::Want(_)) => self.health.count_dropped(1),
                // A newer client may send unknown kinds.
                Err(DatagramError::UnknownKind(_)) => {}
                Ok(Datagram::Rows(_) | Datagram::Pong(_) | Datagram::Ask(_)) => {
                    return CloseReason::new(close::GARBAGE, "a datagram that only the daemon may send");
                }
                Err(error) => return CloseReason::new(close::GARBAGE, error),
            }
        }
    }
}

/// A place for one more, and what tells it to leave.
fn enter(places: &Places, peer: SocketAddr) -> Option<(Place, oneshot::Receiver<()>)> {
    let (leave, left) = oneshot::channel();
    // Who has left already need not be told.
    let leave = move || _ = leave.send(());
    Some((places.enter(peer.ip(), Standing::of(peer.ip(), false), host_now(), leave)?, left))
}

/// A client's statement about the leader.
struct LeaderClaim {
    term: u32,
    epoch: u64,
    daemon: Option<Daemon>,
}

impl LeaderClaim {
    fn of(hello: &ClientMessage) -> Self {
        match hello {
            ClientMessage::Hello { term, epoch, daemon, .. } => Self { term: *term, epoch: *epoch, daemon: *daemon },
            _ => Self { term: 0, epoch: 0, daemon: None },
        }
    }

    /// Only a standby counts as a daemon, and terms count within a show.
    fn pass(self, context: &ServerContext, client: &KnownClient, connection: &Connection) {
        let ServerContext { gossip, leadership, .. } = context;
        match self.daemon.filter(|_| client.role == Role::Standby) {
            Some(daemon) => gossip.pass(Gossip::Daemon(daemon, connection.remote_address().ip())),
            None if self.term > 0 && self.epoch == leadership.epoch() => gossip.pass(Gossip::Term(self.term)),
            None => {}
        }
    }
}

/// Sends a newcomer the rows of the last seconds, then ends.
async fn recall(connection: &Connection, history: Vec<Vec<u8>>) -> CloseReason {
    if !history.is_empty() {
        let mut send = match connection.open_uni().await {
            Ok(send) => send,
            Err(error) => return CloseReason::new(close::GOODBYE, error),
        };
        // After messages: state and events are needed first. An error here ends the connection elsewhere.
        let _ = send.set_priority(-1);
        let pieces: Vec<Bytes> = history.into_iter().map(Bytes::from).collect();
        for piece in pieces {
            if !matches!(timeout(STALLED, send.write_chunk(piece)).await, Ok(Ok(()))) {
                break;
            }
        }
        let _ = send.finish();
    }
    std::future::pending().await
}

/// Sends a client's queue, in order. One that reads nothing for so long is closed.
async fn tell(events: &mut mpsc::Receiver<Bytes>, mut send: SendStream) -> CloseReason {
    while let Some(mut bytes) = events.recv().await {
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PIECE));
            match timeout(STALLED, send.write_chunk(piece)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return CloseReason::new(close::GOODBYE, error),
                Err(_) => return CloseReason::new(close::TOO_SLOW, "too slow: it does not read events"),
            }
        }
    }
    CloseReason::new(close::GOODBYE, "its server is closing")
}

/// Tells one client that its request was refused, if there is room.
fn refuse(client: &KnownClient, why: String, aside: &mpsc::Sender<Bytes>) {
    let refused = ServerMessage::Event(Event::Refused { from: client.from(), why });
    if let Ok(bytes) = message::encode(&refused) {
        let _ = aside.try_send(bytes.into());
    }
}

fn reason(error: &WireError) -> CloseReason {
    let code = match error {
        WireError::Ended(_) => close::GOODBYE,
        WireError::Message(_) => close::GARBAGE,
    };
    CloseReason::new(code, error)
}
