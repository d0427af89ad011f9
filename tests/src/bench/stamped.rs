//! A UDP socket whose packets carry the kernel's own receive stamps, in host time.
//!
//! On the loopback interface the kernel stamps a packet inside the sender's system call: the stamp is when it left.

use crate::host_now_ns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};
use std::io::IoSliceMut;
use std::net::{SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A receiver on a free loopback port.
pub struct Stamped {
    socket: UdpSocket,
}

impl Stamped {
    /// Binds and asks for stamps.
    pub fn bind() -> Self {
        Self::of(UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports"))
    }

    /// Asks for stamps on a socket.
    pub fn of(socket: UdpSocket) -> Self {
        socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout can be set");
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).expect("Linux stamps packets");
        Self { socket }
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
        let mut space = nix::cmsg_space!(nix::sys::time::TimeSpec);
        let mut slices = [IoSliceMut::new(buffer)];
        let descriptor = self.socket.as_raw_fd();
        let message = recvmsg::<SockaddrIn>(descriptor, &mut slices, Some(&mut space), MsgFlags::empty()).ok()?;
        let len = message.bytes;
        let stamp = message.cmsgs().ok()?.find_map(|it| match it {
            ControlMessageOwned::ScmTimestampns(time) => Some(time.tv_sec() * 1_000_000_000 + time.tv_nsec()),
            _ => None,
        })?;
        Some((stamp - real_less_host_ns(), len, message.address?.into()))
    }
}

/// Kernel stamps are real time. The reading is bracketed and repeated when something came between.
fn real_less_host_ns() -> i64 {
    loop {
        let before = host_now_ns();
        let real = SystemTime::now().duration_since(UNIX_EPOCH).expect("a date after 1970").as_nanos() as i64;
        let after = host_now_ns();
        if after - before < 2_000 {
            return real - (before + after) / 2;
        }
    }
}
