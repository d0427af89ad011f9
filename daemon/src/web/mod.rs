//! The web server: OSCQuery for programs, and the page for browsers. One port, one protocol: the page is an OSCQuery
//! client like any other.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table `[web]` |
//! | `moment`, `notes` | what the sockets are told from: the newest of everything, and what must not be missed |
//! | `describe` | nodes of the tree as JSON (pure) |
//! | `query` | the answer to a path and its attribute (pure) |
//! | `request` | what a client asks for on its socket (pure) |
//! | `listening` | which values one client hears, and what is new of them (pure) |
//! | `socket` | one WebSocket |
//! | `access` | who may come in, and as what (pure) |
//! | `files` | the page |
//! | `layouts` | layouts for tablets and phones, and links to them (pure) |
//! | `place`, `tls` | where it is served, and how it is by HTTPS |
//! | `site`, `routes`, `http` | what every request needs; paths; connections |
//! | `announcer` | the names in the local network |
//!
//! The vocabulary is that of the OSCQuery proposal (Vidvox, <https://github.com/Vidvox/OSCQueryProposal>). Two threads:
//! `web` reads the feed and sets the newest moment; `http:web` serves. A slow client misses moments, never events.

mod access;
mod announcer;
mod describe;
mod files;
mod http;
mod layouts;
pub mod listening;
mod moment;
mod notes;
mod place;
pub mod query;
pub mod request;
mod routes;
mod settings;
mod site;
mod socket;
mod tls;

pub use place::Place;

use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Feed, Health};
use crate::edges::OpenError;
use crate::server::keys::Keys;
use crossbeam_channel::Sender;
use downbeat_engine::Tick;
use downbeat_protocol::{Command, HostTime, Row, Schema, ShowState, Timeline};
use moment::{Hub, Moment};
use settings::Settings;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Its name among outputs and controls.
pub const NAME: &str = "web";

/// What the web server works with.
#[derive(Clone)]
pub struct WebContext {
    /// The show's name.
    pub show: String,
    /// The peers paired with this daemon.
    pub keys: Keys,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// The state before the first tick.
    pub state: Arc<ShowState>,
    /// The one door for commands.
    pub door: Sender<Command>,
    /// The UDP port for OSC, if there is one.
    pub osc_port: Option<u16>,
}

/// An open web server: its port is bound if it was free, no one is served yet.
pub struct Web {
    listener: Option<TcpListener>,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    settings: Settings,
    context: WebContext,
}

impl Web {
    /// Binds the port of the table. One in use is retried until it is free: the show runs without a page.
    ///
    /// # Errors
    /// An invalid table.
    pub fn open(table: config::Value, context: WebContext) -> Result<Self, OpenError> {
        let settings: Settings = table.try_deserialize()?;
        settings.check()?;
        let tls = settings.tls()?;
        let listener = http::bind(settings.listen).ok();
        let address = listener.as_ref().and_then(|it| it.local_addr().ok()).unwrap_or(settings.listen);
        Ok(Self { listener, address, tls, settings, context })
    }

    /// Its place.
    pub fn place(&self) -> Place {
        Place { address: self.address, is_secure: self.tls.is_some() }
    }

    /// Serves until the feed closes. Reports problems to `health`, and continues.
    pub fn run(self, feed: &Feed, health: &Arc<Health>) {
        let place = self.place();
        let Self { listener, address, tls, settings, context } = self;
        let _announcer =
            settings.announce.then(|| announcer::Announcer::start(&context.show, address, context.osc_port)).flatten();
        let mut moment = Moment::new(before_the_first(&context), Arc::clone(&context.schema), context.clock.clone());
        let hub = Hub::new(moment.clone());
        let served = http::Served { listener, place, tls, settings: settings.clone(), context, hub: hub.clone() };
        let running = match served.start(Arc::clone(health)) {
            Ok(running) => running,
            Err(error) => return health.set_error(NAME, format!("cannot start its thread: {error}")),
        };
        let period = settings.period();
        loop {
            let wake = feed.wait(HostTime(i64::MAX));
            if wake.closed {
                break;
            }
            let noted = moment.take(&wake);
            // The subject of a note exists when the note is sent.
            hub.put(moment.clone());
            noted.into_iter().for_each(|note| hub.note(note));
            // Pages are not updated more often than this; meanwhile news waits in the mailbox.
            std::thread::sleep(period);
        }
        running.stop();
    }
}

/// The state until the audio starts.
fn before_the_first(context: &WebContext) -> Tick {
    Tick {
        row: Row { values: vec![0.0; context.schema.width()].into(), ..Row::default() },
        timeline: Timeline::default(),
        state: Arc::clone(&context.state),
        beating: false,
        heard: host_now(),
    }
}
