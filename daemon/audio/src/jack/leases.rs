//! Where leases are given out.

use super::lease::JackLease;
use super::link::Link;
use std::sync::Arc;

/// Where leases are given out; cheap to clone, lives on across a restart of the server.
#[derive(Clone, Debug)]
pub struct JackLeases(pub(super) Arc<Link>);

impl JackLeases {
    /// Leave to open another client of the same server in this process; `None` while there is no server.
    pub fn take(&self) -> Option<JackLease> {
        self.0.lease()
    }
}
