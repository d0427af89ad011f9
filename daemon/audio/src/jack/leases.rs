//! Issues leases.

use super::lease::JackLease;
use super::link::Link;
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// Issues leases; cheap to clone, survives restarts of the server.
#[derive(Clone, Debug)]
pub struct JackLeases(pub(super) Arc<Link>);

impl JackLeases {
    /// Permission to open another client of the same server in this process; `None` without a server.
    pub fn take(&self) -> Option<JackLease> {
        self.0.lease()
    }

    /// The number of cycles that the server has run for the daemon's own client.
    pub fn cycles(&self) -> u64 {
        self.0.gauges.cycles.load(Relaxed)
    }

    /// The other names of a port of the server: those of the hardware behind it, or given by a person.
    pub fn aliases(&self, port: &str) -> Vec<String> {
        self.0.aliases().get(port).cloned().unwrap_or_default()
    }

    /// The ports connected to a MIDI port of the server, as of half a second ago at most; `None` without that port.
    pub fn midi_peers(&self, port: &str) -> Option<Vec<String>> {
        self.0.midi_peers().get(port).cloned()
    }
}
