//! The web server: OSCQuery for programs, and the page for browsers. One port, one protocol: the page is an OSCQuery
//! client like any other.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table `[web]` |
//! | `moment`, `notes` | what the sockets are told from: the newest of everything, and refusals |
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
//! `web` reads the feed and sets the newest moment; `http:web` serves. A slow client misses
//! moments: what it has told is compared with the newest one.

pub mod access;
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

pub use announcer::instance;
pub use http::Pages;
pub use place::{Page, Place};

use crate::clock::{ShowClock, host_now};
use crate::controls::echoes::Echoes;
use crate::controls::news::News;
use crate::dispatch::{Feed, Health};
use crate::door::Door;
use crate::edges::OpenError;
use crate::edges::osc_ports::OscPorts;
use crate::server::keys::Keys;
use crate::status::Telemetry;
use downbeat_protocol::{HostTime, Schema, ShowState};
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
    pub door: Door,
    /// What all controls and pages were told lately.
    pub echoes: Echoes,
    /// The UDP ports for OSC.
    pub osc_ports: OscPorts,
    /// The figures of the daemon.
    pub telemetry: Telemetry,
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
        let mut announcer = settings.announce.then(|| announcer::Announcer::new(&context.show, address));
        let (osc_ports, echoes) = (context.osc_ports.clone(), context.echoes.clone());
        let mut news = News::default();
        let mut moment = Moment::first(&context);
        let hub = Hub::new(moment.clone());
        let served = http::Served { listener, place, tls, settings: settings.clone(), context, hub: hub.clone() };
        let running = match served.start(Arc::clone(health)) {
            Ok(running) => running,
            Err(error) => return health.set_error(NAME, format!("cannot start its thread: {error}")),
        };
        let period = settings.period();
        loop {
            let wake = feed.wait(HostTime(i64::MAX));
            if wake.closed || running.has_died() {
                break;
            }
            let refusals = moment.take(&wake);
            wake.events.iter().for_each(|event| news.observe(event));
            if wake.tick.is_some() {
                // Whoever listens: what other controls and outputs tell comes back here, too.
                news.expect(moment.state(), wake.coalesced);
                let told = news.take(moment.state(), moment.schema());
                told.iter().for_each(|(address, value)| echoes.told(address, value, host_now()));
            }
            hub.put(moment.clone());
            refusals.into_iter().for_each(|refused| hub.refuse(refused));
            announcer.iter_mut().for_each(|it| it.keep(osc_ports.first()));
            // Pages are not updated more often than this; meanwhile news waits in the mailbox.
            std::thread::sleep(period);
        }
        running.stop();
    }
}
