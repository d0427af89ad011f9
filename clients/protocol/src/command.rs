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
    /// end if the address may be forged, [`OF_THE_RIG`](Self::OF_THE_RIG) if it belongs to the rig, and
    /// [`RELAYED`](Self::RELAYED) if it is a daemon that passes it on. Set by the daemon, not by the peer.
    #[serde(default)]
    pub from: String,
}

impl Command {
    /// Ends a sender whose address may be forged.
    pub const UNPROVEN: char = '?';
    /// Ends a sender that is named or trusted and has shown that it receives. Nobody is told.
    pub const OF_THE_RIG: char = '+';
    /// Ends a sender that passes on what was sent to it: a daemon that stands by. Nobody is told.
    pub const RELAYED: char = '~';
    /// Why [such a command](Self::is_forged_edit) is refused.
    pub const FORGED_EDIT: &str =
        "edits are only taken from senders that answer `/hello`, from the page, or by downbeatctl";

    /// Whether it is an edit by a sender whose address may be forged, which nobody takes.
    pub fn is_forged_edit(&self) -> bool {
        self.what.is_edit() && Self::host(&self.from).is_none()
    }

    /// The host of its sender, without the port. None if it may be forged.
    pub fn host(from: &str) -> Option<&str> {
        (!from.ends_with(Self::UNPROVEN)).then(|| Self::address(from))
    }

    /// The same whether it may be forged or not.
    pub fn address(from: &str) -> &str {
        let from = from.trim_end_matches([Self::UNPROVEN, Self::OF_THE_RIG, Self::RELAYED]);
        host_and_port(from).map_or(from, |(host, _)| host)
    }

    /// What shares the room for commands: the [address](Self::address) of a sender, and all IPv6 addresses of its network,
    /// since a machine has as many of those as it likes. Those of the rig count one by one. The same whether an address
    /// may be forged or not.
    pub fn machine(from: &str) -> Cow<'_, str> {
        let host = Self::address(from);
        if Self::trust(from) == Trust::Rig {
            return host.into();
        }
        let ip = host.strip_suffix(']').and_then(|host| host.rsplit_once('['));
        let ip = ip.and_then(|(control, ip)| Some((control, ip.split('%').next()?.parse::<Ipv6Addr>().ok()?)));
        ip.map_or(host.into(), |(control, ip)| format!("{control}[{}]", network(ip.into())).into())
    }

    /// The sender as it is shown.
    pub fn shown(from: &str) -> &str {
        from.trim_end_matches([Self::OF_THE_RIG, Self::RELAYED])
    }

    /// Whether a sender has passed on what was sent to it.
    pub fn is_relayed(from: &str) -> bool {
        from.ends_with(Self::RELAYED)
    }

    /// How far a sender is trusted.
    pub fn trust(from: &str) -> Trust {
        // Paired clients and pages were let in; what has no port is no peer on a network but part of the daemon.
        let is_let_in = from.starts_with("quic:") || from.starts_with("web:");
        let has_port = host_and_port(from).is_some();
        if from.ends_with(Self::UNPROVEN) {
            Trust::Unproven
        } else if from.ends_with(Self::OF_THE_RIG) || is_let_in || !has_port {
            Trust::Rig
        } else {
            Trust::Proven
        }
    }
}

/// The two parts of `CONTROL:HOST:PORT`. A number after the first colon is a name, such as that of a rule.
fn host_and_port(from: &str) -> Option<(&str, &str)> {
    let (host, port) = from.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && host.contains(':')).then_some((host, port))
}

/// How far the sender of a command is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It belongs to the rig: a rule, a box on this machine, a paired client, a page, or a named or trusted surface.
    Rig,
    /// Anyone, at an address that is its own.
    Proven,
    /// Anyone, and the address may be forged.
    Unproven,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_sender_is_known_unless_its_address_may_be_forged() {
        let hosts = ["osc:192.0.2.7:9000", "osc:[::1]:9000", "quic:left", "desk:fader.1", "osc:192.0.2.7:9000?"];
        let expected = [Some("osc:192.0.2.7"), Some("osc:[::1]"), Some("quic:left"), Some("desk:fader.1"), None];
        assert_eq!(hosts.map(Command::host), expected);
        assert_eq!(Command::host("osc:192.0.2.7:9000+"), Some("osc:192.0.2.7"));
        assert_eq!(hosts.map(Command::address)[4], "osc:192.0.2.7");
    }

    #[test]
    fn all_ipv6_addresses_of_a_network_are_one_machine() {
        let senders = ["osc:192.0.2.7:1", "osc:[2001:db8::1]:1", "osc:[2001:db8::2%3]:1?", "osc:[2001:db8::3]:1+"];
        let expected = ["osc:192.0.2.7", "osc:[2001:db8::]", "osc:[2001:db8::]", "osc:[2001:db8::3]"];
        assert_eq!(senders.map(Command::machine), expected);
    }

    #[test]
    fn who_was_let_in_named_or_trusted_belongs_to_the_rig() {
        for from in [
            "rule:1",
            "desk:1",
            "quic:left",
            "quic:a:1",
            "web:192.0.2.7:9000",
            "desk:fader.1",
            "rule:go",
            "osc:[::1]:9000+",
        ] {
            assert_eq!(Command::trust(from), Trust::Rig, "{from}");
        }
        assert_eq!(Command::trust("osc:[::1]:9000"), Trust::Proven);
        assert_eq!(Command::trust("osc:192.0.2.7:9000?"), Trust::Unproven);
        assert_eq!(Command::shown("osc:192.0.2.7:9000+"), "osc:192.0.2.7:9000");
        assert_eq!(Command::shown("quic:standby of show~"), "quic:standby of show");
        assert_eq!(Command::trust("quic:standby of show~"), Trust::Rig);
    }
}
