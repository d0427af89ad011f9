//! The place of a daemon: an address and a network interface.

use super::dial_error::DialError;
use downbeat_peer::interface;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// `host:port`, `mdns` or `mdns:SHOW`, optionally followed by `@interface`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What to look up.
    pub address: Address,
    /// The network interface to use; any if `None`.
    pub interface: Option<String>,
}

/// What to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `host:port`.
    Named(String),
    /// A daemon that announces itself on the local network, of one show or any.
    Announced(Option<String>),
}

impl Place {
    /// As given in the settings.
    pub fn parse(server: &str) -> Self {
        let (address, interface) = match server.rsplit_once('@') {
            Some((address, interface)) => (address, Some(interface.into())),
            None => (server, None),
        };
        let address = match address.split_once(':') {
            None if address == "mdns" => Address::Announced(None),
            Some(("mdns", show)) => Address::Announced(Some(show.into())),
            _ => Address::Named(address.into()),
        };
        Self { address, interface }
    }

    /// The show to look for.
    pub fn show(&self) -> Option<&str> {
        match &self.address {
            Address::Announced(show) => show.as_deref(),
            Address::Named(_) => None,
        }
    }

    /// A socket that reaches an address from here.
    pub fn socket(&self, to: SocketAddr) -> Result<UdpSocket, DialError> {
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        if let Some(interface) = &self.interface {
            interface::bind(&socket, interface)?;
        }
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_stands_behind_the_address() {
        let place = |address: &str, interface: Option<&str>| Place {
            address: Address::Named(address.into()),
            interface: interface.map(str::to_owned),
        };
        let announced = |show: Option<&str>| Address::Announced(show.map(str::to_owned));
        assert_eq!(Place::parse("mdns").address, announced(None));
        assert_eq!(Place::parse("mdns:friday"), Place { address: announced(Some("friday")), interface: None });
        assert_eq!(
            Place::parse("mdns:a:b@eth1"),
            Place { interface: Some("eth1".into()), address: announced(Some("a:b")) }
        );
        assert_eq!(Place::parse("booth:9440"), place("booth:9440", None));
        assert_eq!(Place::parse("booth:9440@eth1"), place("booth:9440", Some("eth1")));
        assert_eq!(Place::parse("[fe80::1]:9440@wlan0"), place("[fe80::1]:9440", Some("wlan0")));
    }
}
