//! Network interfaces by name.

use nix::net::if_::if_nameindex;
use nix::sys::socket::{setsockopt, sockopt};
use std::io;
use std::os::fd::AsFd;

/// A network interface that is missing, or not permitted.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the network interface `{interface}`: {source}; this machine has {known}")]
pub struct InterfaceError {
    /// As configured.
    pub interface: String,
    /// The system's error.
    pub source: io::Error,
    /// The available ones.
    pub known: String,
}

/// Makes a socket send and receive only through this interface, whatever the routes (`SO_BINDTODEVICE`, socket(7)).
///
/// # Errors
/// If there is no such interface, or another one is set already.
pub fn bind(socket: &impl AsFd, interface: &str) -> Result<(), InterfaceError> {
    setsockopt(socket, sockopt::BindToDevice, &interface.into()).map_err(|error| InterfaceError {
        interface: interface.to_owned(),
        source: io::Error::from(error),
        known: interfaces(),
    })
}

/// The names of this machine's network interfaces.
fn interfaces() -> String {
    let names = if_nameindex().map(|all| all.iter().map(|it| it.name().to_string_lossy().into_owned()).collect());
    names.unwrap_or_else(|_| Vec::new()).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn an_interface_that_is_not_there_is_named_with_those_that_are() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let error = bind(&socket, "nosuch0").expect_err("there is none").to_string();
        assert!(error.contains("`nosuch0`") && error.contains("lo"), "{error}");
        bind(&socket, "lo").expect("every machine has it");
    }
}
