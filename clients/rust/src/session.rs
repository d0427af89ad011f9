//! A connection to the daemon that lasts for as long as the program.
//!
//! A [`Session`] owns a thread, `quic-client`, that connects, follows, and connects again for ever. Everybody else looks
//! at what it knows: [`Session::view`] is a snapshot, cheap enough for every frame. Nothing here waits for the network.
//!
//! Who the daemon is cannot be checked yet: certificates are exchanged but not compared, until nodes can be paired.
//! The daemon for its part serves only its own machine unless its `allow-unpaired` is set.

mod backoff;
mod dial;
mod events;
mod follow;
mod shared;
mod stream;
mod view;

pub use events::Events;
pub use view::{ClockView, View};

use crate::host::host_now;
use crate::playout::RowView;
use downbeat_protocol::message::{ClientMessage, Role};
use downbeat_protocol::status::Report;
use downbeat_protocol::{Action, Command, HostTime, ShowTime, When};
use shared::Shared;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Commands that wait to be sent. A human cannot fill it; a fader that sends faster than the network is told so.
const COMMANDS: usize = 256;

/// Where the daemon is and who asks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `host:port`. The name is looked up anew for each attempt.
    pub server: String,
    /// What the operator calls this client; 1 to 64 characters.
    pub name: String,
    /// What it is for, and so what it may do.
    pub role: Role,
}

/// A connection that comes back by itself. Dropping it says goodbye and takes at most a fifth of a second.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    messages: mpsc::Sender<ClientMessage>,
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
    #[error("the daemon is too far behind to take more commands")]
    Busy,
}

impl Session {
    /// Starts to connect. Never fails: what is wrong stands in [`View::why`] until it is right.
    pub fn start(settings: Settings) -> Self {
        let shared = Arc::new(Shared::default());
        let (messages, from_program) = mpsc::channel(COMMANDS);
        let (stop, stopped) = watch::channel(false);
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("quic-client".into())
            .spawn(move || follow::run(settings, &theirs, from_program, stopped));
        if let Err(error) = &thread {
            shared.disconnected(format!("cannot start a thread: {error}"));
        }
        Self { shared, messages, stop, thread: thread.ok() }
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

    /// The newest row as it came.
    pub fn newest_row(&self) -> Option<RowView> {
        self.shared.playout().newest()
    }

    /// Asks for a change of the show. That it was obeyed shows in [`View::state`] and as an [`Event`] to everyone; that
    /// it was not, as [`Event::Refused`].
    ///
    /// [`Event`]: downbeat_protocol::Event
    /// [`Event::Refused`]: downbeat_protocol::Event::Refused
    pub fn command(&self, what: Action, when: When) -> Result<(), CommandError> {
        if !self.shared.view().connected {
            return Err(CommandError::NotConnected);
        }
        let message = ClientMessage::Command(Command { what, when, from: String::new() });
        self.messages.try_send(message).map_err(|_| CommandError::Busy)
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
