//! What leaves the daemon. One file for each kind, one line in [`OUTPUTS`].
//!
//! An output runs on a thread of its own, `out:NAME`: the [`runner`] reads its feed, does what its [`policy`] says, and
//! hands on what is left. The output sends each thing early enough to be seen or heard when it is due: at its due time
//! less its latency.

pub mod log;
pub mod midi;
pub mod osc;
pub mod policy;
pub mod runner;

use crate::clock::ShowClock;
use crate::dispatch::{Audible, Health};
use crate::edges::OpenError;
use downbeat_audio::{JackLeases, MidiOut};
use downbeat_engine::{Messages, Tick};
use downbeat_protocol::{HostTime, Schema, Value};
use std::sync::Arc;

/// Every kind of output.
pub const OUTPUTS: &[OutputKind] = &[log::KIND, midi::KIND, osc::KIND];

/// A kind of output: its name in the configuration and how to open one.
pub struct OutputKind {
    /// The `kind` in `[output.NAME]`.
    pub kind: &'static str,
    /// Whether it sends while another daemon leads the show.
    pub audible: Audible,
    /// Which messages of cues and rules it sends.
    pub messages: Messages,
    /// Reads the rest of the table and opens the output. A peer that is not there is no error: the output goes on
    /// trying. An error here is one of configuration, or a port that is taken.
    pub open: Open,
}

/// Which messages of cues and rules a kind of output sends; an unknown kind is refused when it is opened.
pub fn messages(kind: &str) -> Messages {
    OUTPUTS.iter().find(|known| known.kind == kind).map_or(Messages::Disabled, |known| known.messages)
}

/// How a kind of output is opened.
pub type Open = fn(config::Value, &OutputContext) -> Result<Box<dyn Output>, OpenError>;

/// An open output.
pub trait Output: Send {
    /// Where it sends, for the status page.
    fn target(&self) -> String;

    /// Begins to send. A peer that is not there is no error.
    ///
    /// # Errors
    /// When it cannot send at all.
    fn start(self: Box<Self>, health: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError>;
}

/// An output that sends. Everything is called on its own thread.
pub trait Sending {
    /// When [`run`](Self::run) is next needed if nothing happens until then.
    fn wake_at(&self) -> HostTime;

    /// Rows have another layout from now on.
    ///
    /// # Errors
    /// A name in its table that is no longer there; it goes on with what it had.
    fn change_layout(&mut self, schema: &Schema) -> Result<(), OpenError>;

    /// Takes the newest tick.
    fn take(&mut self, tick: Arc<Tick>);

    /// Sends a message that a cue or a rule asks for, at once. It has passed the check of the kind.
    fn send(&mut self, _address: &str, _value: Option<&Value>, _now: HostTime, _health: &Health) {}

    /// Sends what is due. Trouble is put into `health`, and it goes on.
    fn run(&mut self, now: HostTime, health: &Health);

    /// The daemon stops: ends what it has begun.
    fn end(&mut self, _now: HostTime) {}
}

/// What an output is given to work with.
pub struct OutputContext {
    /// Its name in the configuration.
    pub name: String,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// What outputs may use of JACK, when the source is JACK.
    pub jack: Option<Jack>,
}

/// What outputs may use of JACK.
#[derive(Clone)]
pub struct Jack {
    /// The daemon's own MIDI port.
    pub midi: MidiOut,
    /// Leave to open a client of one's own.
    pub leases: JackLeases,
}
