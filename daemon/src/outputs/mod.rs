//! What leaves the daemon. One file for each kind, one line in [`OUTPUTS`].
//!
//! An output runs on a thread of its own, `out:NAME`, reads its [`Feed`] and sends each thing early enough to be seen
//! or heard when it is due: at its due time less the output's latency.

pub mod log;
pub mod midi;
pub mod osc;
pub(crate) mod pattern;
pub mod quic;

use crate::clock::ShowClock;
use crate::dispatch::{Audible, ClientList, Feed, Health};
use crate::hearsay::Hearsay;
use crate::keys::Keys;
use crate::office::Office;
use crossbeam_channel::Sender;
use downbeat_audio::{JackLeases, MidiOut};
use downbeat_protocol::{Command, Schema, Tree};
use std::sync::Arc;

/// Every kind of output.
pub const OUTPUTS: &[OutputKind] = &[log::KIND, midi::KIND, osc::KIND, quic::KIND];

/// A kind of output: its name in the configuration and how to open one.
pub struct OutputKind {
    /// The `kind` in `[output.NAME]`.
    pub kind: &'static str,
    /// Whether it sends while another daemon leads the show. One whose protocol has priorities of its own (sACN) may
    /// always: [`Context::office`] says what to send then.
    pub audible: Audible,
    /// Reads the rest of the table and opens the output. A peer that is not there is no error: the output goes on
    /// trying. An error here is one of configuration, or a port that is taken.
    pub open: Open,
}

/// How a kind of output is opened.
pub type Open = fn(config::Value, &Context) -> Result<Box<dyn Output>, OutputError>;

/// An open output.
pub trait Output: Send {
    /// Where it sends, for the status page.
    fn target(&self) -> String;

    /// The UDP port on which it serves clients, if it does.
    fn serves(&self) -> Option<u16> {
        None
    }

    /// Sends until the feed closes. Trouble is put into `health`, and the output goes on.
    fn run(self: Box<Self>, feed: Feed, health: Arc<Health>);
}

/// What an output is given to work with.
pub struct Context {
    /// Its name in the configuration.
    pub name: String,
    /// The show's name.
    pub show: String,
    /// What this daemon is in its show.
    pub office: Office,
    /// Where outputs with clients pass on what these say of who leads.
    pub hearsay: Hearsay,
    /// Who this daemon is, and whom it knows.
    pub keys: Keys,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// Everything that can be set or read.
    pub tree: Arc<Tree>,
    /// The one door for commands, for outputs whose peers talk back.
    pub door: Sender<Command>,
    /// What outputs may use of JACK, when the source is JACK.
    pub jack: Option<Jack>,
    /// Who is connected: for outputs that serve clients to write, one list for the whole daemon.
    pub clients: ClientList,
}

/// What outputs may use of JACK.
#[derive(Clone)]
pub struct Jack {
    /// The daemon's own MIDI port.
    pub midi: MidiOut,
    /// Leave to open a client of one's own.
    pub leases: JackLeases,
}

/// Why an output cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Its table has an unknown key or a value of the wrong kind.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// A value that cannot be used; the text says which and what would do.
    #[error("{0}")]
    Value(String),
    /// A port that is taken, an address that is not ours.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}
