//! A connection to the show that lasts as long as the program.
//!
//! A [`Session`] owns a thread, `quic-client`, that connects to every daemon it is given, follows the leader, and
//! reconnects for ever. It connects to a standby, or over a second way to the same daemon, beforehand, so that a
//! takeover costs no time. [`Session::view`] is a snapshot, cheap enough for every frame. Nothing here waits for the
//! network.
//!
//! A session follows a daemon on another machine if it knows its key, and that daemon serves it if it knows this
//! client's. Two strangers are paired once: see [`identity`](downbeat_peer::identity).

mod clock_port;
mod common;
mod contact;
pub(crate) mod dial;
mod dial_error;
pub mod discovery;
mod end;
mod events;
mod follow;
mod hub;
mod incoming;
mod pair;
mod path;
pub mod place;
mod shared;
pub(crate) mod stream;
mod timing;
mod view;

pub use events::Events;
pub use view::{ClockView, PathView, Stamps, View};

use crate::playout::{RowView, Whole};
use downbeat_peer::host::host_now;
use downbeat_peer::identity::{Acquaintances, DAEMONS, Identity, KeyFolder};
use downbeat_protocol::message::{ClientMessage, Daemon, Role};
use downbeat_protocol::status::Report;
use downbeat_protocol::{Action, Command, HostTime, ShowState, ShowTime, When};
use shared::Shared;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

/// The daemons, and the identity of this client.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `host:port` of each daemon of the show and of each way to it; or `mdns` or `mdns:SHOW` for one that announces
    /// itself on the network. Append `@interface` to use that network interface only. The session connects to all and
    /// follows the leader. It resolves a name again for each attempt.
    pub servers: Vec<String>,
    /// The name of this client, 1 to 64 characters.
    pub name: String,
    /// Its role, which defines its rights.
    pub role: Role,
    /// Follow only the show of this name; any if `None`.
    pub show: Option<String>,
    /// The daemon's own standing, if a daemon follows others.
    pub daemon: Option<Own>,
    /// The key of this client.
    pub identity: Arc<Identity>,
    /// The known daemons.
    pub known: Acquaintances,
    /// Follow daemons on other machines without verifying them.
    pub allow_unpaired: bool,
}

impl Settings {
    /// Settings of a client that is not a daemon. Separate several servers by commas.
    pub fn new(servers: &str, name: impl Into<String>, role: Role) -> Self {
        let servers = servers.split(',').map(|server| server.trim().to_owned()).filter(|server| !server.is_empty());
        Self {
            servers: servers.collect(),
            name: name.into(),
            role,
            show: None,
            daemon: None,
            identity: passing(),
            known: Acquaintances::none(),
            allow_unpaired: false,
        }
    }
}

impl Settings {
    /// Uses the key of a program and its known daemons, both stored in a folder; the default folder if empty.
    ///
    /// What cannot be used, because it is damaged or others may read it, is logged with what to do. Without a key, the
    /// program has one for this run: daemons on this machine let it in, others have to pair it again.
    pub fn with_keys(self, folder: &str, program: &str) -> Self {
        let folder = KeyFolder::find(folder);
        let identity = Identity::load(&folder, program).map(Arc::new).unwrap_or_else(|why| {
            tracing::error!(
                "keys: {why}; then restart this program. Until then it has a key for this run only: daemons on this machine let it in, \
                 those on other machines do not know it"
            );
            passing()
        });
        if identity.is_new() && identity.is_kept() {
            tracing::info!("keys: made a new key in {}: other machines do not know it yet", folder.file("").display());
        }
        let known = Acquaintances::load(&folder, DAEMONS);
        if let Some(why) = known.trouble() {
            tracing::error!("keys: {why}. Until then this program knows no daemon on another machine");
        }
        Self { identity, known, ..self }
    }
}

/// An identity for as long as this process runs.
fn passing() -> Arc<Identity> {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    let made = || Identity::new().unwrap_or_else(|error| unreachable!("a key of the usual kind: {error}"));
    Arc::clone(IDENTITY.get_or_init(|| Arc::new(made())))
}

/// The current standing of a daemon. Clones share it.
#[derive(Clone, Debug)]
pub struct Own(Arc<Mutex<Daemon>>);

impl Own {
    /// The initial standing.
    pub fn new(daemon: Daemon) -> Self {
        Self(Arc::new(Mutex::new(daemon)))
    }

    /// The current standing.
    pub fn now(&self) -> Daemon {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the standing.
    pub fn set(&self, daemon: Daemon) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = daemon;
    }
}

/// A connection that reconnects by itself. Dropping it closes the connection and takes at most a fifth of a second.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Why a command was not accepted. It is not queued: a button pressed while disconnected must not fire on reconnection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no connection; [`View::why`] says why.
    #[error("not connected to the daemon")]
    NotConnected,
    /// Commands come faster than they can be sent.
    #[error("commands are coming faster than they can be sent")]
    Busy,
}

impl Session {
    /// Starts to connect. Never fails: [`View::why`] gives the fault until it is resolved.
    pub fn start(settings: Settings) -> Self {
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = watch::channel(false);
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("quic-client".into())
            .spawn(move || follow::run(settings, &theirs, stopped));
        if let Err(error) = &thread {
            shared.failed(format!("cannot start a thread: {error}"));
        }
        Self { shared, stop, thread: thread.ok() }
    }

    /// The current state.
    pub fn view(&self) -> View {
        self.shared.view()
    }

    /// The current clock of the show.
    pub fn clock(&self) -> ClockView {
        self.shared.view().clock
    }

    /// Show time now; none until the clock is first set.
    pub fn now(&self) -> Option<ShowTime> {
        let clock = self.clock();
        clock.is_set().then(|| clock.show(host_now()))
    }

    /// The signals at a moment of the show; none before the first row. Ask for a moment a little behind now (the
    /// playout delay) for the same answer on every node.
    pub fn row_at(&self, time: ShowTime) -> Option<RowView> {
        self.shared.playout().at(time)
    }

    /// How complete the span between two moments is: whether its picture is the same on every node.
    pub fn whole(&self, from: ShowTime, to: ShowTime) -> Whole {
        self.shared.playout().whole(from, to)
    }

    /// The state at a moment of the show, the same on every node; none until it is final.
    pub fn state_at(&self, time: ShowTime) -> Option<Arc<ShowState>> {
        self.shared.playout().state_at(time)
    }

    /// How late rows are, in milliseconds: the median, the 99.9th percentile, and the playout delay that they suggest.
    /// None in the first seconds.
    pub fn lag_ms(&self) -> Option<[f64; 3]> {
        let playout = self.shared.playout();
        let lag = playout.lag();
        Some([lag.within_ms(500)?, lag.within_ms(999)?, lag.proposal_ms()?])
    }

    /// The newest row as it came.
    pub fn newest_row(&self) -> Option<RowView> {
        self.shared.playout().newest()
    }

    /// When the newest row was heard, in show time.
    pub fn newest_time(&self) -> Option<ShowTime> {
        self.shared.playout().newest_time()
    }

    /// Sends a command. Success shows in [`View::state`] and as an [`Event`] to everyone; refusal as
    /// [`Event::Refused`].
    ///
    /// [`Event`]: downbeat_protocol::Event
    /// [`Event::Refused`]: downbeat_protocol::Event::Refused
    pub fn command(&self, what: Action, when: When) -> Result<(), CommandError> {
        send(self.shared.outbox(), what, when)
    }

    /// Sends a command to one daemon, by the index of its server, whether or not it leads: to make it lead.
    pub fn command_to(&self, path: usize, what: Action, when: When) -> Result<(), CommandError> {
        send(self.shared.outbox_of(path), what, when)
    }

    /// Announces the standing of this daemon, from its [`Own`], to the others.
    pub fn tell_daemons(&self) {
        self.shared.announce();
    }

    /// Sets this client's report. Sent once a second, the newest wins; the session fills in clock error, round trip and
    /// lost rows.
    pub fn report(&self, report: Report) {
        self.shared.report(report);
    }

    /// All events from now on. Each call returns a new queue; see [`Events`] for what happens if it is not read.
    pub fn events(&self) -> Events {
        self.shared.subscribe()
    }

    /// Waits until the view satisfies a condition, or until a timeout, and returns it either way.
    pub fn wait(&self, at_most: Duration, until: impl Fn(&View) -> bool) -> View {
        self.shared.wait(at_most, until)
    }

    /// This machine's clock, which [`View::last_heard`] uses.
    pub fn host_now() -> HostTime {
        host_now()
    }
}

fn send(outbox: Option<mpsc::Sender<ClientMessage>>, what: Action, when: When) -> Result<(), CommandError> {
    let outbox = outbox.ok_or(CommandError::NotConnected)?;
    let message = ClientMessage::Command(Command { what, when, from: String::new() });
    outbox.try_send(message).map_err(|error| match error {
        TrySendError::Full(_) => CommandError::Busy,
        TrySendError::Closed(_) => CommandError::NotConnected,
    })
}

impl Drop for Session {
    fn drop(&mut self) {
        // The thread may have ended already; then nobody listens.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
