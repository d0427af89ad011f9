//! One daemon, as known to the parts of a connection to it.

use super::common::Common;
use super::place::Place;
use std::rc::Rc;

/// One of the configured servers.
pub struct Contact {
    /// Its index.
    pub path: usize,
    /// Its place on the network.
    pub place: Place,
    /// The state shared with the others.
    pub common: Rc<Common>,
}

impl Contact {
    /// Its name in the settings.
    pub fn server(&self) -> &str {
        &self.common.settings.servers[self.path]
    }
}
