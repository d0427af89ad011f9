//! An interface to read and write whole Ethernet frames.

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// Bytes that may wait to be taken.
const ROOM: usize = 8 << 20;

/// A raw socket on an interface of the namespace that the thread is in (packet(7)).
pub struct Wire(OwnedFd);

impl Wire {
    /// Opens an interface by its index.
    pub fn open(index: u32) -> io::Result<Self> {
        let wire = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_NONBLOCK, SockProtocol::EthAll)?;
        let address = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
            sll_ifindex: i32::try_from(index).map_err(io::Error::other)?,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let on: libc::c_int = 1;
        // SAFETY: both structures live until the calls return, with their own sizes.
        #[expect(unsafe_code, reason = "nix makes no address of a packet socket, and knows no PACKET_IGNORE_OUTGOING")]
        let results = unsafe {
            let size = |of: usize| of as libc::socklen_t;
            [
                libc::setsockopt(
                    wire.as_raw_fd(),
                    libc::SOL_PACKET,
                    libc::PACKET_IGNORE_OUTGOING,
                    (&raw const on).cast(),
                    size(size_of_val(&on)),
                ),
                libc::bind(wire.as_raw_fd(), (&raw const address).cast(), size(size_of_val(&address))),
            ]
        };
        // A cable does not lose what comes while its thread waits for a processor.
        setsockopt(&wire, RcvBufForce, &ROOM)?;
        if results == [0, 0] { Ok(Self(wire)) } else { Err(io::Error::last_os_error()) }
    }

    /// A frame that has come, if there is one.
    pub fn take<'a>(&self, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        let length = recv(self.0.as_raw_fd(), buffer, MsgFlags::empty()).ok()?;
        Some(&buffer[..length])
    }

    /// Gives a frame; one for which there is no room is lost, as on a real wire.
    pub fn give(&self, frame: &[u8]) {
        let _ = send(self.0.as_raw_fd(), frame, MsgFlags::empty());
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
