//! A wish on its way in: the only thing that can change a show.

use crate::{Action, When};
use serde::{Deserialize, Serialize};

/// What, when, and from whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// What shall happen.
    pub what: Action,
    /// When.
    #[serde(default)]
    pub when: When,
    /// Who asks: the name of a control and its peer, e.g. `osc:192.0.2.7:9000`. Set by the daemon, not by the peer.
    #[serde(default)]
    pub from: String,
}
