//! Why there is no connection.

use downbeat_peer::interface::InterfaceError;
use downbeat_protocol::ALPN;
use std::net::SocketAddr;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name does not resolve.
    #[error("cannot look up `{server}`: {source}; give the daemon as host:port, e.g. 127.0.0.1:9440")]
    Lookup {
        /// As configured.
        server: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The name has no address.
    #[error("`{0}` does not resolve")]
    NoAddress(String),
    /// Cannot listen for announcements.
    #[error("cannot listen for daemons on the network: {0}; give the daemon as host:port")]
    Discovery(String),
    /// No daemon announces itself.
    #[error("no daemon{0} announces itself on this network: is one running there, with `announce` on?")]
    Unannounced(String),
    /// The network interface is missing or not permitted.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// No socket.
    #[error("cannot open a UDP socket: {0}")]
    Socket(#[from] std::io::Error),
    /// Our own settings are wrong.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// Nothing answers.
    #[error("no daemon answers at {0}: is it running, and does its [server] listen there?")]
    Silent(SocketAddr),
    /// The peer does not speak our protocol.
    #[error("{0}: the peer there does not speak {speaks}", speaks = String::from_utf8_lossy(ALPN))]
    Stranger(SocketAddr),
    /// The connection failed.
    #[error("{0}: {1}")]
    Failed(SocketAddr, String),
}
