//! A UDP socket whose packets carry the kernel's own receive stamps, in host time.
//!
//! On the loopback interface the kernel stamps a packet inside the sender's system call: the stamp is the time of
//! sending.

use downbeat_peer::stamped::Stamper;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A receiver on a free loopback port.
pub struct Stamped {
    socket: UdpSocket,
    stamper: Mutex<Stamper>,
}

impl Stamped {
    /// Binds and asks for stamps.
    pub fn bind() -> Self {
        Self::of(UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports"))
    }

    /// Asks for stamps on a socket.
    pub fn of(socket: UdpSocket) -> Self {
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout can be set");
        let stamper = Mutex::new(Stamper::of(&socket));
        Self { socket, stamper }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("bound").port()
    }

    /// The socket itself.
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// The next packet and when it left, or nothing within a tenth of a second.
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> Option<(i64, &'a [u8])> {
        let (stamp, len, _) = self.receive_from(buffer)?;
        Some((stamp, &buffer[..len]))
    }

    /// The next packet: when it came, how long it is, and from whom; or nothing within the socket's time limit.
    pub fn receive_from(&self, buffer: &mut [u8]) -> Option<(i64, usize, SocketAddrV4)> {
        let mut stamper = self.stamper.lock().unwrap_or_else(PoisonError::into_inner);
        let received = stamper.receive(&self.socket, buffer).ok()?;
        let SocketAddr::V4(from) = received.from? else { return None };
        Some((received.at.0, received.len, from))
    }
}
