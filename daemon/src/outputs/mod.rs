//! Outputs of the daemon. One file and one line in [`OUTPUTS`] each.
//!
//! Each output runs on its own thread, `out:NAME`: the [`runner`] reads its feed, applies its [`policy`], and passes on
//! the result. The output sends early enough for things to be seen or heard on time: at the due time less its latency.

pub mod log;
pub mod midi;
pub mod osc;
pub mod policy;
pub mod runner;

use crate::clock::ShowClock;
use crate::dispatch::{Audible, Health};
use crate::edges::OpenError;
use crate::edges::osc_ports::OscPorts;
use downbeat_audio::{JackLeases, MidiOut};
use downbeat_engine::{Messages, Tick};
use downbeat_protocol::{HostTime, Schema, ShowTime, Value};
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
    /// Reads the rest of the table and opens the output. An absent peer is not an error: the output keeps trying.
    /// Errors are in the configuration, or a port in use.
    pub open: Open,
}

/// Which messages of cues and rules a kind of output sends; an unknown kind is refused on opening.
pub fn messages(kind: &str) -> Messages {
    OUTPUTS.iter().find(|known| known.kind == kind).map_or(Messages::Disabled, |known| known.messages)
}

/// How a kind of output is opened.
pub type Open = fn(config::Value, &OutputContext) -> Result<Box<dyn Output>, OpenError>;

/// An open output.
pub trait Output: Send {
    /// Its destination, for the status page.
    fn target(&self) -> String;

    /// Starts sending. An absent peer is not an error.
    ///
    /// # Errors
    /// When it cannot send at all.
    fn start(self: Box<Self>, health: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError>;
}

/// A running output. Everything is called on its own thread.
pub trait Sending {
    /// When [`run`](Self::run) is next needed unless something happens first.
    fn wake_at(&self) -> HostTime;

    /// The layout of rows has changed. Ends what it has started.
    ///
    /// # Errors
    /// A name in its table no longer exists; it continues with the old layout.
    fn change_layout(&mut self, schema: &Schema, now: HostTime) -> Result<(), OpenError>;

    /// Takes the newest tick.
    fn take(&mut self, tick: Arc<Tick>);

    /// Earlier ticks went by unread before the one just taken; the first of them was heard at `since`.
    fn skipped(&mut self, _since: HostTime) {}

    /// Sends a message of a cue or a rule, which is for the moment `at`, at once. It has passed the check of the kind.
    /// What is worth something only at its moment is counted instead if that is over.
    fn send(&mut self, _address: &str, _value: Option<&Value>, _at: ShowTime, _now: HostTime, _health: &Health) {}

    /// Another daemon leads: forgets what it keeps, and sends nothing but the ends of what it has started. The next
    /// tick is the first again.
    fn silenced(&mut self, _now: HostTime) {}

    /// Sends what is due. Reports problems to `health`, and continues.
    fn run(&mut self, now: HostTime, health: &Health);

    /// The daemon stops: ends what it has started.
    fn end(&mut self, _now: HostTime) {}
}

/// What an output works with.
pub struct OutputContext {
    /// Its name in the configuration.
    pub name: String,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// Where this daemon's own controls take OSC: nothing is sent there.
    pub osc_ports: OscPorts,
    /// JACK, if it is the source.
    pub jack: Option<Jack>,
}

/// The parts of JACK that outputs may use.
#[derive(Clone)]
pub struct Jack {
    /// The daemon's own MIDI port.
    pub midi: MidiOut,
    /// Permission to open a client.
    pub leases: JackLeases,
}
