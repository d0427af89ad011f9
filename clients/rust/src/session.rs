//! A connection to the show that lasts for as long as the program.
//!
//! A [`Session`] owns a thread, `quic-client`, that connects to every daemon it is told of, follows the one that leads,
//! and connects again for ever. A standby, or a second way to the same daemon, is connected to beforehand, so that
//! nothing has to be waited for when the first is gone. Everybody else looks
//! at what it knows: [`Session::view`] is a snapshot, cheap enough for every frame. Nothing here waits for the network.
//!
//! A daemon on another machine is followed when this client knows its key, and serves it when it knows this client's.
//! Two that do not know each other are paired once: see [`identity`](downbeat_peer::identity).

mod clock_port;
mod common;
mod contact;
pub(crate) mod dial;
mod dial_error;
pub(crate) mod discovery;
mod end;
mod events;
mod follow;
mod hub;
mod incoming;
mod pair;
mod path;
pub(crate) mod place;
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
use tokio::sync::watch;

/// Where the daemons are and who asks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `host:port` of each daemon of the show and of each way to it; or `mdns` or `mdns:SHOW` for one that announces
    /// itself in the network; with `@interface` behind it, through that network card only. All are connected to; one that
    /// leads is followed. A name is looked up anew for each attempt.
    pub servers: Vec<String>,
    /// What the operator calls this client; 1 to 64 characters.
    pub name: String,
    /// What it is for, and so what it may do.
    pub role: Role,
    /// The only show that is followed, by its name; any if not named.
    pub show: Option<String>,
    /// What a daemon says of itself when it follows others.
    pub daemon: Option<Own>,
    /// Who this client is.
    pub identity: Arc<Identity>,
    /// The daemons that it knows.
    pub known: Acquaintances,
    /// Follow daemons on other machines although nobody has checked who they are.
    pub allow_unpaired: bool,
}

impl Settings {
    /// A client that is no daemon. Several servers are separated by commas.
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
    /// With the key of a program and the daemons that it knows, both kept in a folder: the usual one when it is not named.
    ///
    /// # Errors
    /// In words for the operator: a file that others may read, or that makes no sense.
    pub fn with_keys(self, folder: &str, program: &str) -> Result<Self, String> {
        let folder = KeyFolder::find(folder);
        let identity = Identity::load(&folder, program).map_err(|error| error.to_string())?;
        Ok(Self { identity: Arc::new(identity), known: Acquaintances::load(&folder, DAEMONS)?, ..self })
    }
}

/// An identity for as long as this process runs.
fn passing() -> Arc<Identity> {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    let made = || Identity::new().unwrap_or_else(|error| unreachable!("a key of the usual kind: {error}"));
    Arc::clone(IDENTITY.get_or_init(|| Arc::new(made())))
}

/// What a daemon says of itself, as it is at each moment. Clones share it.
#[derive(Clone, Debug)]
pub struct Own(Arc<Mutex<Daemon>>);

impl Own {
    /// At first.
    pub fn new(daemon: Daemon) -> Self {
        Self(Arc::new(Mutex::new(daemon)))
    }

    /// Now.
    pub fn now(&self) -> Daemon {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on.
    pub fn set(&self, daemon: Daemon) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = daemon;
    }
}

/// A connection that comes back by itself. Dropping it says goodbye and takes at most a fifth of a second.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Why a command was not taken. It is not kept for later: a button pressed while the line was dead shall not fire when
/// it comes back.
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
    /// Starts to connect. Never fails: what is wrong stands in [`View::why`] until it is right.
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

    /// All that is known now.
    pub fn view(&self) -> View {
        self.shared.view()
    }

    /// The show's clock as it runs now.
    pub fn clock(&self) -> ClockView {
        self.shared.view().clock
    }

    /// Show time now; none before the clock has been set for the first time.
    pub fn now(&self) -> Option<ShowTime> {
        let clock = self.clock();
        clock.is_set().then(|| clock.show(host_now()))
    }

    /// The signals at a moment of the show; none before the first row. Ask for a moment a little behind now (the playout
    /// delay) for the same answer on every node.
    pub fn row_at(&self, time: ShowTime) -> Option<RowView> {
        self.shared.playout().at(time)
    }

    /// How much is known of every moment from one to another: whether a picture of them is what every other node draws.
    pub fn whole(&self, from: ShowTime, to: ShowTime) -> Whole {
        self.shared.playout().whole(from, to)
    }

    /// What was set at a moment of the show, the same on every node; none while that is not known for good.
    pub fn state_at(&self, time: ShowTime) -> Option<Arc<ShowState>> {
        self.shared.playout().state_at(time)
    }

    /// How late rows are, in milliseconds: the median, what 999 of 1000 stay within, and the playout delay that this
    /// suggests. None in the first seconds.
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

    /// Asks for a change of the show. That it was obeyed shows in [`View::state`] and as an [`Event`] to everyone; that
    /// it was not, as [`Event::Refused`].
    ///
    /// [`Event`]: downbeat_protocol::Event
    /// [`Event::Refused`]: downbeat_protocol::Event::Refused
    pub fn command(&self, what: Action, when: When) -> Result<(), CommandError> {
        let outbox = self.shared.outbox().ok_or(CommandError::NotConnected)?;
        let message = ClientMessage::Command(Command { what, when, from: String::new() });
        outbox.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => CommandError::Busy,
            TrySendError::Closed(_) => CommandError::NotConnected,
        })
    }

    /// A daemon tells the others that it begins to lead, or to stand by, as its [`Own`] says.
    pub fn tell_daemons(&self) {
        self.shared.announce();
    }

    /// Says how this client is doing. Sent once a second, the newest wins; what the session knows better (clock error,
    /// round trip, rows lost) is filled in.
    pub fn report(&self, report: Report) {
        self.shared.report(report);
    }

    /// All events from now on. Each call gives a queue of its own; see [`Events`] for what happens when it is not read.
    pub fn events(&self) -> Events {
        self.shared.subscribe()
    }

    /// Waits until the view is as wished, or for so long, and returns it either way.
    pub fn wait(&self, at_most: Duration, until: impl Fn(&View) -> bool) -> View {
        self.shared.wait(at_most, until)
    }

    /// This machine's clock, which [`View::last_heard`] is read on.
    pub fn host_now() -> HostTime {
        host_now()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The thread may have ended by itself; then nobody listens.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
