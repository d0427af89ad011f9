//! Connections whose other side has gone without a word: a cable was pulled, a phone has slept, a box lost its power.

use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// Time without acknowledgement after which a connection counts as lost (`TCP_USER_TIMEOUT`, RFC 5482).
pub const LOST: Duration = Duration::from_secs(5);

/// The bytes that the other side of a TCP connection has not acknowledged (`SIOCOUTQ`, tcp(7)); none if that is unknown.
pub fn unacknowledged(stream: &impl AsRawFd) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the request writes one int, which is ours, whatever the descriptor is; one that is closed gets an error.
    #[expect(unsafe_code, reason = "the standard library does not tell")]
    let answer = unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
    if answer == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// Ends a connection after [`LOST`] without a sign of life, whether anything is sent or not. Sends small packets at once.
///
/// # Errors
/// The system's.
pub fn watch(stream: &impl AsFd) -> io::Result<()> {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new().with_time(LOST).with_interval(Duration::from_secs(1)).with_retries(3);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(LOST))?;
    socket.set_tcp_keepalive(&probes)
}
