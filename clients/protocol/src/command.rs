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
    /// The sender: the name of a control and its peer, e.g. `osc:192.0.2.7:9000`; with [`UNPROVEN`](Self::UNPROVEN) at its
    /// end, if the address may be forged. Set by the daemon, not by the peer.
    #[serde(default)]
    pub from: String,
}

impl Command {
    /// Ends a sender whose address may be forged.
    pub const UNPROVEN: char = '?';
    /// Why [such a command](Self::is_forged_edit) is refused.
    pub const FORGED_EDIT: &str =
        "edits are only taken from senders that answer `/hello`, from the page, or by downbeatctl";

    /// Whether it is an edit by a sender whose address may be forged, which nobody takes.
    pub fn is_forged_edit(&self) -> bool {
        self.what.is_edit() && Self::host(&self.from).is_none()
    }

    /// The host of its sender, without the port: what shares the room for waiting commands. None if it may be forged.
    pub fn host(from: &str) -> Option<&str> {
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        match from.rsplit_once(':') {
            Some((host, port)) if is_port(port) => Some(host),
            _ => (!from.ends_with(Self::UNPROVEN)).then_some(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_sender_is_known_unless_its_address_may_be_forged() {
        let hosts = ["osc:192.0.2.7:9000", "osc:[::1]:9000", "quic:left", "desk:fader.1", "osc:192.0.2.7:9000?"];
        let expected = [Some("osc:192.0.2.7"), Some("osc:[::1]"), Some("quic:left"), Some("desk:fader.1"), None];
        assert_eq!(hosts.map(Command::host), expected);
    }
}
