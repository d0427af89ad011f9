//! What comes into the daemon. One file for each kind, one line in [`CONTROLS`].
//!
//! A control turns what its peers say into [`Command`](downbeat_protocol::Command)s and puts them through the one
//! door of its [`ControlContext`]; it never changes anything itself. It runs on a thread of its own, `in:NAME`, and reads a
//! [`Feed`] like an output does, so that every peer sees what became of its wish and of everybody else's.

pub mod commands;
pub mod midi;
pub mod osc;
pub mod reach;

use crate::clock::ShowClock;
use crate::dispatch::{Feed, Health};
use crate::edges::OpenError;
use crossbeam_channel::Sender;
use downbeat_audio::JackLeases;
use downbeat_protocol::{Command, Schema, Tree};
use std::sync::Arc;

/// Every kind of control.
pub const CONTROLS: &[ControlKind] = &[midi::KIND, osc::KIND];

/// A kind of control: its name in the configuration and how to open one.
pub struct ControlKind {
    /// The `kind` in `[control.NAME]`.
    pub kind: &'static str,
    /// Reads the rest of the table and binds the sockets: a port that is taken is an [`OpenError::Io`] that names
    /// it. A peer that is not there is no error.
    pub open: Open,
}

/// How a kind of control is opened.
pub type Open = fn(config::Value, &ControlContext) -> Result<Box<dyn Control>, OpenError>;

/// An open control: its sockets are bound, nothing is read yet.
pub trait Control: Send {
    /// Where it listens, for the status page.
    fn listens(&self) -> String;

    /// The UDP port at which it takes OSC, if it does.
    fn osc_port(&self) -> Option<u16> {
        None
    }

    /// Takes commands and gives feedback until the feed closes. Trouble is put into `health`, and the control goes
    /// on: `sent` counts commands taken, `dropped` those refused at the door and packets that made no sense.
    fn run(self: Box<Self>, feed: Feed, health: Arc<Health>);
}

/// What a control is given to work with.
pub struct ControlContext {
    /// Its name in the configuration.
    pub name: String,
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// Everything that can be set or read.
    pub tree: Arc<Tree>,
    /// The one door for commands.
    pub door: Sender<Command>,
    /// Leave to be clients of the daemon's JACK server, where its audio comes from one.
    pub leases: Option<JackLeases>,
}
