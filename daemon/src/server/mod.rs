//! The server: renderer nodes, operators' pages and other daemons connect over QUIC, follow the show and send commands.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table `[server]` |
//! | `tracks` | ticks and events in, publications out (pure) |
//! | `publisher` | the one way out of the tracks, independent of the number of listeners |
//! | `fitting` | the whole state, as much of it as fits into a message |
//! | `archive` | the rows of the last seconds, for newcomers and for clients that missed some (pure) |
//! | `clients` | clients: admission, connections, the list of all |
//! | `wall` | whether the nodes of a wall show one picture (pure) |
//! | `keys` | the daemon's own key, its paired peers, and pairing |
//! | `peers` | the other daemons of the show: leadership and standby |
//! | `served_clock`, `clock_service` | the clock's own port; the thread `clock:server`, which serves the time on it |
//! | `announcer` | the daemon's name on the local network |
//!
//! Two threads: `server` waits for the feed and hands datagrams and events to every connection; `quic:server` moves
//! packets and reads. Between them are the subscribers, locked for as long as it takes to hand over.

mod announcer;
pub mod archive;
pub mod clients;
mod clock_service;
mod fitting;
pub mod keys;
pub mod peers;
mod publisher;
mod served_clock;
mod settings;
#[cfg(test)]
mod tests;
mod tracks;
pub mod wall;

pub use clients::transport;

use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Feed, Health};
use crate::door::Door;
use crate::edges::OpenError;
use crate::web::Page;
use announcer::Announcer;
use clients::{AdmissionPolicy, ClientList, Listener, Subscribers};
use clock_service::ClockClients;
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{HostTime, Schema};
use keys::Keys;
use peers::{GossipSender, Leadership};
use publisher::Publisher;
use served_clock::ServedClock;
use settings::Settings;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tracks::Tracks;

/// Its name among outputs and controls.
pub const NAME: &str = "server";

/// What the server works with.
#[derive(Clone)]
pub struct ServerContext {
    /// The show's name.
    pub show: String,
    /// Whether this daemon leads.
    pub leadership: Leadership,
    /// Receives clients' statements about the leader.
    pub gossip: GossipSender,
    /// This daemon's identity and peers.
    pub keys: Keys,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// The one door for commands.
    pub door: Door,
    /// The clients.
    pub clients: ClientList,
    /// The number of events sent to all of them, also by servers before this one.
    pub events: Arc<AtomicU64>,
    /// The place of the web page, while it is served.
    pub web: Page,
    /// Where it is and how early it tells the beat; set when opened.
    pub ports: Ports,
}

/// The address of a server, and what its clients need to know about it.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    /// The port for clients; 0 before it is opened.
    pub clients: u16,
    /// The port of the clock; 0 if there is none.
    clock: u16,
    /// The clients that may use it.
    clock_clients: ClockClients,
    /// How much earlier than it is they are told the beat, in nanoseconds.
    early_ns: i64,
}

/// An open server: its sockets are bound, no one is served yet.
pub struct Server {
    socket: UdpSocket,
    address: SocketAddr,
    announce: bool,
    clock_port: ServedClock,
    config: quinn::ServerConfig,
    policy: AdmissionPolicy,
    tracks: Tracks,
    context: ServerContext,
}

impl ServerContext {
    /// This daemon's standing.
    fn daemon(&self) -> Daemon {
        Daemon { early_ns: self.ports.early_ns, ..self.leadership.now(self.ports.clients) }
    }
}

impl Server {
    /// Binds the sockets of the table.
    ///
    /// # Errors
    /// An invalid table, or a port in use.
    pub fn open(table: config::Value, mut context: ServerContext) -> Result<Self, OpenError> {
        let settings: Settings = table.try_deserialize()?;
        let io = |source| OpenError::Io { what: format!("cannot listen on UDP {}", settings.listen), source };
        let socket = UdpSocket::bind(settings.listen).map_err(io)?;
        let address = socket.local_addr().map_err(io)?;
        let clock_port = ServedClock::open(&settings, address, context.clock.clone());
        let config = transport::server_config(context.schema.width(), &context.keys.identity)
            .map_err(|error| OpenError::Value(format!("cannot set up TLS: {error}")))?;
        if settings.allow_unpaired {
            tracing::warn!(
                "{NAME}: allow-unpaired is set: anyone who can reach {address} can follow and control the show"
            );
        }
        context.ports = Ports {
            clients: address.port(),
            clock: clock_port.number(),
            clock_clients: clock_port.clock_clients.clone(),
            early_ns: settings.latency_ms.arrive(HostTime::ZERO).0,
        };
        Ok(Self {
            socket,
            address,
            announce: settings.announce,
            clock_port,
            config,
            policy: settings.policy(),
            tracks: Tracks::new(context.leadership.clone(), Arc::clone(&context.schema), settings.latency_ms),
            context,
        })
    }

    /// The UDP port for clients that a table wants; 0 is any.
    ///
    /// # Errors
    /// An invalid table.
    pub fn wanted_port(table: config::Value) -> Result<u16, OpenError> {
        let settings: Settings = table.try_deserialize()?;
        Ok(settings.listen.port())
    }

    /// Its address, for the status page.
    pub fn place(&self) -> String {
        // Shown on the operator's page too, because it is easily forgotten in a file.
        let open = if self.policy.allow_unpaired { "unpaired let in: " } else { "" };
        format!("{open}{}", self.address)
    }

    /// The UDP port for clients.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until the feed closes. Reports problems to `health`, and continues.
    pub fn run(self, feed: &Feed, health: &Arc<Health>) {
        let Self { socket, address, announce, mut clock_port, config, policy, mut tracks, context } = self;
        tracks.go_on_from(&context.events);
        let mut announcer = announce.then(|| Announcer::new(address.ip()));
        let announced = context.clone();
        let mut subscribers = Subscribers::new(tracks.snapshot(), &context, Arc::clone(health));
        let listener =
            Listener { socket, config, policy, context, subscribers: subscribers.clone(), health: Arc::clone(health) };
        let running = match listener.start(NAME) {
            Ok(running) => running,
            Err(error) => {
                health.set_error(NAME, format!("cannot start its thread: {error}"));
                return;
            }
        };
        loop {
            clock_port.keep(host_now(), health);
            let wake = feed.wait(clock_port.wake_at());
            let turn = tracks.turn(&wake);
            health.count_dropped(turn.unsaid);
            subscribers.publish(turn);
            if let Some(tick) = &wake.tick {
                health.handover.record(host_now().since(tick.heard));
            }
            if let Some(announcer) = &mut announcer {
                announcer.keep(&announced);
            }
            if wake.closed || running.has_died() {
                break;
            }
        }
        running.stop();
    }
}
