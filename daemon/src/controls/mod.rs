//! Controls: commands into the daemon. One file per kind, one line in [`CONTROLS`].
//!
//! A control turns messages of its peers into [`Command`](downbeat_protocol::Command)s and sends them through the one
//! door of its [`ControlContext`]; it never changes anything itself. It runs on its own thread, `in:NAME`, and reads a
//! [`Feed`] like an output, so that every peer sees the effect of its own commands and of everyone else's.

pub mod attempts;
pub mod commands;
pub mod echoes;
pub mod midi;
pub mod news;
pub mod osc;
pub mod reach;
pub mod senders;
pub mod share;

use crate::clock::ShowClock;
use crate::dispatch::{Feed, Health};
use crate::door::Door;
use crate::edges::OpenError;
use crate::edges::osc_ports::OscPorts;
use downbeat_audio::JackLeases;
use downbeat_protocol::{Schema, Tree};
use echoes::Echoes;
use std::net::SocketAddr;
use std::sync::Arc;

/// Every kind of control.
pub const CONTROLS: &[ControlKind] = &[midi::KIND, osc::KIND];

/// A kind of control: its name in the configuration and how to open one.
pub struct ControlKind {
    /// The `kind` in `[control.NAME]`.
    pub kind: &'static str,
    /// Reads the rest of the table and binds the sockets: a port in use is an [`OpenError::Io`] that names it. An
    /// absent peer is not an error.
    pub open: Open,
}

/// How a kind of control is opened.
pub type Open = fn(config::Value, &ControlContext) -> Result<Box<dyn Control>, OpenError>;

/// An open control: its sockets are bound, nothing is read yet.
pub trait Control: Send {
    /// Where it listens, for the status page.
    fn listens(&self) -> String;

    /// Where it takes OSC by UDP, if it does.
    fn osc_place(&self) -> Option<SocketAddr> {
        None
    }

    /// Takes commands and gives feedback until the feed closes. Faults go into `health`, and the control continues:
    /// `sent` counts accepted commands, `dropped` those refused at the door and invalid packets.
    fn run(self: Box<Self>, feed: &Feed, health: &Arc<Health>);
}

/// The context of a control.
pub struct ControlContext {
    /// Its name in the configuration.
    pub name: String,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// The whole tree.
    pub tree: Arc<Tree>,
    /// The one door for commands.
    pub door: Door,
    /// What all controls and pages were told lately.
    pub echoes: Echoes,
    /// Where all controls take OSC.
    pub osc_ports: OscPorts,
    /// Leases for clients of the daemon's JACK server, if its audio comes from one.
    pub leases: Option<JackLeases>,
}
