//! The destination of an output's packets, by UDP or TCP.

use super::tcp_peer::TcpPeer;
use super::udp_peer::UdpPeer;
use super::worth::Worth;
use downbeat_protocol::HostTime;

/// A peer by either protocol.
pub enum Transport {
    /// Datagrams: those lost on their way stay lost.
    Udp(Box<UdpPeer>),
    /// A connection.
    Tcp(TcpPeer),
}

impl Transport {
    /// Sends a packet that is due at `due`, now or, if it lasts, once that is possible; or counts it as dropped. Never
    /// blocks.
    pub fn send(&mut self, bytes: &[u8], now: HostTime, due: HostTime, worth: Worth) {
        match self {
            Self::Udp(peer) => peer.send(bytes, now, worth),
            Self::Tcp(peer) => peer.send(bytes, due, worth),
        }
    }

    /// Another daemon leads: of what waits, only releases are still sent.
    pub fn silenced(&mut self) {
        match self {
            Self::Udp(peer) => peer.silenced(),
            Self::Tcp(peer) => peer.silenced(),
        }
    }

    /// Maintenance between packets. Never blocks. Returns whether the peer has reconnected, and so missed something.
    pub fn maintain(&mut self, now: HostTime) -> bool {
        match self {
            Self::Udp(peer) => {
                peer.maintain(now);
                false
            }
            Self::Tcp(peer) => peer.has_come_back(),
        }
    }
}
