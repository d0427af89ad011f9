//! QUIC: everything to the renderer nodes, the operator's pages and other clients, and their commands back.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `tracks` | ticks and events in, what is published out (pure) |
//! | `publisher` | the one way out of the tracks; nothing behind it says how many are listening |
//! | `archive` | the rows of the last seconds, for newcomers and for those who missed some (pure) |
//! | `audience` | the connected clients: a publisher |
//! | `server` | the thread `quic:NAME` that accepts connections |
//! | `guest` | one connection, from hello to goodbye |
//! | `admission`, `allowance` | who may come in, and how much they may say (pure) |
//! | `pairing`, `waiting`, `admin` | how strangers become known, and who decides that |
//! | `timekeeper` | the thread `clock:NAME` that tells the time on a port of its own |
//! | `announcer` | the daemon's name in the local network |
//! | `transport`, `window` | TLS, limits, congestion |
//! | `wire` | messages on a stream |
//!
//! Two threads: `out:NAME` waits for the feed and hands datagrams and events to every connection; `quic:NAME` moves
//! packets and listens. Between them is the audience, locked for as long as it takes to hand over.

mod admin;
mod admission;
mod allowance;
mod announcer;
mod archive;
mod audience;
mod guest;
mod pairing;
mod publisher;
mod server;
mod settings;
#[cfg(test)]
mod tests;
mod timekeeper;
mod tracks;
pub mod transport;
mod waiting;
mod window;
mod wire;

use super::{Context, Output, OutputError, OutputKind};
use crate::clock::ShowClock;
use crate::dispatch::{Audible, ClientList, Feed, Health};
use crate::hearsay::Hearsay;
use crate::keys::Keys;
use crate::office::Office;
use admission::Doors;
use announcer::Announcer;
use audience::Audience;
use crossbeam_channel::Sender;
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{Command, HostTime};
use publisher::Publisher;
use server::Server;
use settings::Settings;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use timekeeper::{Askers, Timekeeper};
use tracks::Tracks;
pub use waiting::Waiting;

/// The kind `quic`.
pub const KIND: OutputKind = OutputKind { kind: "quic", audible: Audible::Always, open };

struct Quic {
    name: String,
    socket: UdpSocket,
    address: SocketAddr,
    announce: bool,
    /// Of the clock port, where there is one.
    clock_socket: Option<UdpSocket>,
    config: quinn::ServerConfig,
    doors: Doors,
    tracks: Tracks,
    house: House,
}

/// What every guest needs to know of the daemon.
#[derive(Clone)]
struct House {
    show: String,
    office: Office,
    /// The port on which clients are served.
    port: u16,
    /// The port on which they are told the time; 0 where there is none.
    clock_port: u16,
    /// Who may ask for it there.
    askers: Askers,
    clock: ShowClock,
    door: Sender<Command>,
    clients: ClientList,
    hearsay: Hearsay,
    keys: Keys,
}

impl House {
    /// What this daemon is now.
    fn daemon(&self) -> Daemon {
        self.office.now(self.port)
    }
}

fn open(table: config::Value, context: &Context) -> Result<Box<dyn Output>, OutputError> {
    let settings: Settings = table.try_deserialize()?;
    let io = |source| OutputError::Io {
        what: format!("output.{}: cannot listen on UDP {}", context.name, settings.listen),
        source,
    };
    let socket = UdpSocket::bind(settings.listen).map_err(io)?;
    let address = socket.local_addr().map_err(io)?;
    let clock_socket = clock_socket(&settings, address, context)?;
    let clock_port = clock_socket.as_ref().and_then(|socket| socket.local_addr().ok()).map_or(0, |it| it.port());
    let schema = Arc::clone(&context.schema);
    let config = transport::server_config(schema.width(), &context.keys.identity)
        .map_err(|error| OutputError::Value(format!("output.{}: cannot set up TLS: {error}", context.name)))?;
    if settings.allow_unpaired {
        tracing::warn!(
            "output.{}: allow-unpaired is set: whoever can reach {address} is served and obeyed",
            context.name
        );
    }
    Ok(Box::new(Quic {
        name: context.name.clone(),
        socket,
        address,
        announce: settings.announce,
        clock_socket,
        config,
        doors: settings.doors(),
        tracks: Tracks::new(context.office.clone(), schema, settings.latency_ms),
        house: House {
            show: context.show.clone(),
            office: context.office.clone(),
            port: address.port(),
            clock_port,
            askers: Askers::default(),
            clock: context.clock.clone(),
            door: context.door.clone(),
            clients: context.clients.clone(),
            hearsay: context.hearsay.clone(),
            keys: context.keys.clone(),
        },
    }))
}

/// The socket of the clock port: the one that was asked for, or the one after QUIC's, or any that is free.
fn clock_socket(settings: &Settings, quic: SocketAddr, context: &Context) -> Result<Option<UdpSocket>, OutputError> {
    let bind = |port: u16| UdpSocket::bind((quic.ip(), port));
    let after = quic.port().checked_add(1).unwrap_or(0);
    let bound = match settings.clock_port {
        Some(0) => return Ok(None),
        Some(port) => bind(port),
        None => bind(after).or_else(|error| {
            let free = bind(0)?;
            let port = free.local_addr()?.port();
            tracing::warn!(
                "output.{}: UDP port {after}, which is usual for the clock after {}, cannot be had ({error}): the clock is \
                 told on {port}. Clients are told so; a firewall has to let it through. `clock-port` names another one",
                context.name,
                quic.port()
            );
            Ok(free)
        }),
    };
    bound.map(Some).map_err(|source| OutputError::Io {
        what: format!(
            "output.{}: cannot listen on UDP port {} for the clock (`clock-port`; 0 switches it off)",
            context.name,
            settings.clock_port.unwrap_or(after)
        ),
        source,
    })
}

impl Output for Quic {
    fn target(&self) -> String {
        // On the operator's page too: it is easily forgotten in a file.
        let open = if self.doors.allow_unpaired { "unpaired let in: " } else { "" };
        format!("{open}{}", self.address)
    }

    fn serves(&self) -> Option<u16> {
        Some(self.address.port())
    }

    fn run(self: Box<Self>, feed: Feed, health: Arc<Health>) {
        let Self { name, socket, address, announce, clock_socket, config, doors, mut tracks, house } = *self;
        let _timekeeper = clock_socket.and_then(|socket| {
            let (askers, clock) = (house.askers.clone(), house.clock.clone());
            let timekeeper = Timekeeper { socket, askers, clock, health: Arc::clone(&health) };
            let failed = |error| tracing::warn!("{name}: the clock port cannot be served: {error}");
            timekeeper.start(&name).map_err(failed).ok()
        });
        let mut announcer = if announce { Announcer::start(&name, address.ip()) } else { None };
        let announced = house.clone();
        let mut audience = Audience::new(tracks.snapshot(), &house, Arc::clone(&health));
        let server = Server { socket, config, doors, house, audience: audience.clone(), health: Arc::clone(&health) };
        let server = match server.start(&name) {
            Ok(server) => server,
            Err(error) => {
                health.set_error(&name, format!("cannot start its thread: {error}"));
                return;
            }
        };
        loop {
            let wake = feed.wait(HostTime(i64::MAX));
            let turn = tracks.turn(&wake);
            health.count_dropped(turn.unsaid);
            audience.publish(turn);
            if let Some(announcer) = &mut announcer {
                announcer.keep(&announced);
            }
            if wake.closed {
                break;
            }
        }
        server.stop();
    }
}
