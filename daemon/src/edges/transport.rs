//! Where an output's packets go, by UDP or TCP.

use super::tcp_peer::TcpPeer;
use super::udp_peer::UdpPeer;
use downbeat_protocol::HostTime;

/// A peer by either protocol.
pub enum Transport {
    /// Datagrams: what is lost is lost.
    Udp(UdpPeer),
    /// A connection.
    Tcp(TcpPeer),
}

impl Transport {
    /// Sends a packet, or counts it as dropped. Never waits.
    pub fn send(&mut self, bytes: &[u8], now: HostTime) {
        match self {
            Self::Udp(peer) => peer.send(bytes, now),
            Self::Tcp(peer) => peer.send(bytes),
        }
    }

    /// Does what is to be done between packets. Never waits. Says whether the peer has been connected anew, so that it has
    /// missed something.
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
