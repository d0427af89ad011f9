//! Commands: the only way to change a show.

use crate::{Action, When};
use serde::{Deserialize, Serialize};

/// An action, its moment, and its sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The action.
    pub what: Action,
    /// When.
    #[serde(default)]
    pub when: When,
    /// The sender: the name of a control and its peer, e.g. `osc:192.0.2.7:9000`. Set by the daemon, not by the peer.
    #[serde(default)]
    pub from: String,
}
