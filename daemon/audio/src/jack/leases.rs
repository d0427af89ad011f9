//! Issues leases.

use super::lease::JackLease;
use super::link::Link;
use std::sync::Arc;

/// Issues leases; cheap to clone, survives restarts of the server.
#[derive(Clone, Debug)]
pub struct JackLeases(pub(super) Arc<Link>);

impl JackLeases {
    /// Permission to open another client of the same server in this process; `None` without a server.
    pub fn take(&self) -> Option<JackLease> {
        self.0.lease()
    }

    /// The other names of a port of the server: those of the hardware behind it, or given by a person.
    pub fn aliases(&self, port: &str) -> Vec<String> {
        self.0.aliases().get(port).cloned().unwrap_or_default()
    }
}
