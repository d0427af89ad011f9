//! One daemon as the parts of a connection to it know it.

use super::common::Common;
use super::place::Place;
use std::rc::Rc;

/// One of the servers that are followed.
pub struct Contact {
    /// Its place among them.
    pub path: usize,
    /// Where it is.
    pub place: Place,
    /// What it shares with the others.
    pub common: Rc<Common>,
}

impl Contact {
    /// As the settings name it.
    pub fn server(&self) -> &str {
        &self.common.settings.servers[self.path]
    }
}
