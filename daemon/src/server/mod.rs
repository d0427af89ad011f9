//! The server: renderer nodes, operators' pages and other daemons connect over QUIC, follow the show and send commands.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table `[server]` |
//! | `tracks` | ticks and events in, publications out (pure) |
//! | `publisher` | the one way out of the tracks, independent of the number of listeners |
//! | `archive` | the rows of the last seconds, for newcomers and for clients that missed some (pure) |
//! | `clients` | clients: admission, connections, the list of all |
//! | `wall` | whether the nodes of a wall show one picture (pure) |
//! | `keys` | the daemon's own key, its paired peers, and pairing |
//! | `peers` | the other daemons of the show: leadership and standby |
//! | `clock_service` | the thread `clock:server`, which serves the time on its own port |
//! | `announcer` | the daemon's name on the local network |
//!
//! Two threads: `server` waits for the feed and hands datagrams and events to every connection; `quic:server` moves
//! packets and reads. Between them are the subscribers, locked for as long as it takes to hand over.

mod announcer;
mod archive;
pub mod clients;
mod clock_service;
pub mod keys;
pub mod peers;
mod publisher;
mod settings;
#[cfg(test)]
mod tests;
mod tracks;
mod wall;

pub use clients::transport;

use crate::clock::ShowClock;
use crate::dispatch::{Feed, Health};
use crate::edges::OpenError;
use crate::web::Place;
use announcer::Announcer;
use clients::{AdmissionPolicy, ClientList, Listener, Subscribers};
use clock_service::{ClockClients, ClockService};
use crossbeam_channel::Sender;
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{Command, HostTime, Schema};
use keys::Keys;
use peers::{GossipSender, Leadership};
use publisher::Publisher;
use settings::Settings;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
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
    pub door: Sender<Command>,
    /// The clients.
    pub clients: ClientList,
    /// The place of the web page, if it is served.
    pub web: Option<Place>,
    /// Its address; set when opened.
    pub ports: Ports,
}

/// The address of a server.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    /// The port for clients; 0 before it is opened.
    pub clients: u16,
    /// The port of the clock; 0 if there is none.
    clock: u16,
    /// The clients that may use it.
    clock_clients: ClockClients,
}

/// An open server: its sockets are bound, no one is served yet.
pub struct Server {
    socket: UdpSocket,
    address: SocketAddr,
    announce: bool,
    /// Of the clock port, if there is one.
    clock_socket: Option<UdpSocket>,
    config: quinn::ServerConfig,
    policy: AdmissionPolicy,
    tracks: Tracks,
    context: ServerContext,
}

impl ServerContext {
    /// This daemon's standing.
    fn daemon(&self) -> Daemon {
        self.leadership.now(self.ports.clients)
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
        let clock_socket = clock_socket(&settings, address)?;
        let port = |socket: &UdpSocket| socket.local_addr().ok().map(|it| it.port());
        let config = transport::server_config(context.schema.width(), &context.keys.identity)
            .map_err(|error| OpenError::Value(format!("cannot set up TLS: {error}")))?;
        if settings.allow_unpaired {
            tracing::warn!(
                "{NAME}: allow-unpaired is set: anyone who can reach {address} can follow and control the show"
            );
        }
        context.ports = Ports {
            clients: address.port(),
            clock: clock_socket.as_ref().and_then(port).unwrap_or(0),
            clock_clients: ClockClients::default(),
        };
        Ok(Self {
            socket,
            address,
            announce: settings.announce,
            clock_socket,
            config,
            policy: settings.policy(),
            tracks: Tracks::new(context.leadership.clone(), Arc::clone(&context.schema), settings.latency_ms),
            context,
        })
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
        let Self { socket, address, announce, clock_socket, config, policy, mut tracks, context } = self;
        let _clock_service = clock_socket.and_then(|socket| {
            let (clients, clock) = (context.ports.clock_clients.clone(), context.clock.clone());
            let service = ClockService { socket, clock_clients: clients, clock, health: Arc::clone(health) };
            let failed = |error| tracing::warn!("{NAME}: cannot serve the clock port: {error}");
            service.start(NAME).map_err(failed).ok()
        });
        let mut announcer = if announce { Announcer::start(NAME, address.ip()) } else { None };
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
            let wake = feed.wait(HostTime(i64::MAX));
            let turn = tracks.turn(&wake);
            health.count_dropped(turn.unsaid);
            subscribers.publish(turn);
            if let Some(announcer) = &mut announcer {
                announcer.keep(&announced);
            }
            if wake.closed {
                break;
            }
        }
        running.stop();
    }
}

/// The socket of the clock port: the configured one, or the one after QUIC's, or any free one.
fn clock_socket(settings: &Settings, quic: SocketAddr) -> Result<Option<UdpSocket>, OpenError> {
    let bind = |port: u16| UdpSocket::bind((quic.ip(), port));
    let after = quic.port().checked_add(1).unwrap_or(0);
    let bound = match settings.clock_port {
        Some(0) => return Ok(None),
        Some(port) => bind(port),
        None => bind(after).or_else(|error| {
            let free = bind(0)?;
            let port = free.local_addr()?.port();
            tracing::warn!(
                "{NAME}: UDP port {after}, the usual one for the clock after {}, is not free ({error}): the clock is served \
                 on {port}. Clients are told so; a firewall has to let it through. `clock-port` names another one",
                quic.port()
            );
            Ok(free)
        }),
    };
    bound.map(Some).map_err(|source| OpenError::Io {
        what: format!(
            "cannot listen on UDP port {} for the clock (`clock-port`; 0 switches it off)",
            settings.clock_port.unwrap_or(after)
        ),
        source,
    })
}
