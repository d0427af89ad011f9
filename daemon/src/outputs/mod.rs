//! What leaves the daemon. One file for each kind, one line in [`OUTPUTS`].
//!
//! An output runs on a thread of its own, `out:NAME`, reads its [`Feed`] and sends each thing early enough to be seen
//! or heard when it is due: at its due time less the output's latency.

pub mod log;
pub mod midi;
pub mod osc;

use crate::clock::ShowClock;
use crate::dispatch::{Audible, Feed, Health};
use crate::edges::OpenError;
use downbeat_audio::{JackLeases, MidiOut};
use downbeat_protocol::Schema;
use std::sync::Arc;

/// Every kind of output.
pub const OUTPUTS: &[OutputKind] = &[log::KIND, midi::KIND, osc::KIND];

/// A kind of output: its name in the configuration and how to open one.
pub struct OutputKind {
    /// The `kind` in `[output.NAME]`.
    pub kind: &'static str,
    /// Whether it sends while another daemon leads the show.
    pub audible: Audible,
    /// Reads the rest of the table and opens the output. A peer that is not there is no error: the output goes on
    /// trying. An error here is one of configuration, or a port that is taken.
    pub open: Open,
}

/// How a kind of output is opened.
pub type Open = fn(config::Value, &OutputContext) -> Result<Box<dyn Output>, OpenError>;

/// An open output.
pub trait Output: Send {
    /// Where it sends, for the status page.
    fn target(&self) -> String;

    /// Sends until the feed closes. Trouble is put into `health`, and the output goes on.
    fn run(self: Box<Self>, feed: Feed, health: Arc<Health>);
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
