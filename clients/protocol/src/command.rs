//! Commands: the only way to change a show.

use crate::network::network;
use crate::{Action, When};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::net::Ipv6Addr;

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

    /// What shares the room for commands: the [host](Self::host) of a sender, and all IPv6 addresses of its network, since
    /// a machine has as many of those as it likes.
    pub fn share(from: &str) -> Option<Cow<'_, str>> {
        let host = Self::host(from)?;
        let ip = host.strip_suffix(']').and_then(|host| host.rsplit_once('['));
        let ip = ip.and_then(|(control, ip)| Some((control, ip.split('%').next()?.parse::<Ipv6Addr>().ok()?)));
        Some(ip.map_or(host.into(), |(control, ip)| format!("{control}[{}]", network(ip.into())).into()))
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
        let shares = ["osc:192.0.2.7:1", "osc:[2001:db8::1]:1", "osc:[2001:db8::2%3]:1", "desk:[::1", "osc:[::1]:1?"];
        let shares = shares.map(|from| Command::share(from).map(|share| share.into_owned()));
        let expected =
            [Some("osc:192.0.2.7"), Some("osc:[2001:db8::]"), Some("osc:[2001:db8::]"), Some("desk:[:"), None];
        assert_eq!(shares.each_ref().map(Option::as_deref), expected);
    }
}
