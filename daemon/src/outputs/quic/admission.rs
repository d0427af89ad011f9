//! Who may come in.

use downbeat_protocol::VERSION;
use downbeat_protocol::message::{ClientMessage, Role};
use std::net::IpAddr;

/// The longest name of a client, in characters.
const NAME_MAX: usize = 64;

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// What the operator calls it.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

impl Guest {
    /// Judges a client's first message. The error is what to tell it.
    pub fn admit(hello: ClientMessage, at_home: bool, allow_unpaired: bool) -> Result<Self, String> {
        let ClientMessage::Hello { version, name, role, .. } = hello else {
            return Err("the first message has to be a hello".into());
        };
        if version != VERSION {
            return Err(format!(
                "this daemon speaks version {VERSION} of the protocol, `{name}` speaks {version}: update the older one"
            ));
        }
        if !at_home && !allow_unpaired {
            return Err("only clients of the daemon's own machine are served: set `allow-unpaired = true` in its \
                        [output.*] of kind quic to serve any machine that can reach it"
                .into());
        }
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(format!("a client's name has 1 to {NAME_MAX} characters and no control characters"));
        }
        Ok(Self { name, role })
    }

    /// Who asks, in a command.
    pub fn from(&self) -> String {
        format!("quic:{}", self.name)
    }

    /// What its role is called.
    pub fn role_name(&self) -> &'static str {
        match self.role {
            Role::Renderer => "renderer",
            Role::Controller => "controller",
            Role::Viewer => "viewer",
            Role::Standby => "standby",
        }
    }

    /// Whether it may ask for changes. The error is what to tell it.
    pub fn may_command(&self) -> Result<(), String> {
        match self.role {
            Role::Controller | Role::Standby => Ok(()),
            Role::Renderer | Role::Viewer => {
                Err(format!("a {} may not change the show: connect as a controller", self.role_name()))
            }
        }
    }
}

/// Whether a peer is on this machine. A packet with one of our own addresses as its source cannot have come from
/// outside: the kernel drops it (RFC 1812, 5.3.8). Talking to ourselves, both ends have the same address.
pub fn at_home(peer: IpAddr, local: Option<IpAddr>) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || local.is_some_and(|local| local.to_canonical() == peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: u16, name: &str, role: Role) -> ClientMessage {
        ClientMessage::Hello { version, name: name.into(), role, term: 0, epoch: 0, daemon: None }
    }

    #[test]
    fn a_client_from_elsewhere_is_let_in_only_when_unpaired_ones_are_allowed() {
        let knock = |at_home, allow| Guest::admit(hello(VERSION, "wall", Role::Renderer), at_home, allow);
        assert!(knock(true, false).is_ok());
        assert!(knock(false, true).is_ok());
        assert!(knock(false, false).expect_err("refused").contains("allow-unpaired"));
    }

    #[test]
    fn another_version_is_told_both_numbers() {
        let why = Guest::admit(hello(VERSION + 1, "wall", Role::Viewer), true, false).expect_err("refused");
        assert!(why.contains("version 1") && why.contains("speaks 2"), "{why}");
    }

    #[test]
    fn a_name_that_would_spoil_a_page_is_refused() {
        for name in ["", "a\nb", &"x".repeat(65)] {
            assert!(Guest::admit(hello(VERSION, name, Role::Viewer), true, false).is_err(), "{name:?}");
        }
        assert!(Guest::admit(ClientMessage::Report(Default::default()), true, false).is_err());
    }

    #[test]
    fn only_a_controller_may_command() {
        let may = |role| Guest { name: "x".into(), role }.may_command().is_ok();
        assert_eq!([Role::Controller, Role::Renderer, Role::Viewer].map(may), [true, false, false]);
    }

    #[test]
    fn home_is_loopback_and_any_address_that_talks_to_itself() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(at_home(ip("127.0.0.1"), None));
        assert!(at_home(ip("::ffff:127.0.0.1"), None));
        assert!(at_home(ip("192.0.2.7"), Some(ip("::ffff:192.0.2.7"))));
        assert!(!at_home(ip("192.0.2.8"), Some(ip("192.0.2.7"))));
        assert!(!at_home(ip("192.0.2.8"), None));
    }
}
