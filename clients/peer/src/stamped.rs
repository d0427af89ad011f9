//! Kernel receive stamps of packets: `SO_TIMESTAMPNS` of `socket(7)`.
//!
//! The kernel stamps a packet when the network interface delivers it, long before a busy program reads it. On loopback
//! that is inside the sender's system call: the stamp is the time of sending. Stamps are in real time, which people and
//! `ntpd` set; this module converts them to host time, and uses the time of reading if a stamp is not trustworthy.

use crate::host::host_now;
use downbeat_protocol::HostTime;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::time::{ClockId, clock_gettime};
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};

/// A reading of both clocks that takes longer than this was interrupted.
const BRACKET_NS: i64 = 2_000;
/// Attempts at an uninterrupted reading. A machine that never manages has a slow clock; then the best counts.
const TRIES: usize = 16;
/// A worse reading than this is useless.
const WORST_BRACKET_NS: i64 = 50_000;
/// An older stamp belongs to a clock that was set.
const OLDEST_NS: i64 = 10_000_000_000;
/// How much the difference between the clocks may change unless one was set: the kernel slews by at most 500 ppm
/// (`MAXFREQ` in Linux' `timex.h`), and both are read to a bracket.
const SLEW: f64 = 1e-3;

/// The source of a packet's stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamp {
    /// The clock after reading it: as late as the program.
    #[default]
    Reading,
    /// The kernel.
    Kernel,
}

/// A received packet.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Its length; of one that does not fit, as much as fits.
    pub len: usize,
    /// Its sender, if the system reports it.
    pub from: Option<SocketAddr>,
    /// When.
    pub at: HostTime,
    /// The source of the stamp.
    pub stamp: Stamp,
}

/// Reads packets with their stamps from one socket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamper {
    /// Real time minus host time at the last packet, and when that was.
    last: Option<(i64, HostTime)>,
}

impl Stamper {
    /// Enables stamps on a socket. If the system provides none, packets are stamped on reading.
    pub fn of(socket: &impl AsFd) -> Self {
        // A system that knows no such stamps sends none.
        let _ = setsockopt(socket, sockopt::ReceiveTimestampns, &true);
        Self::default()
    }

    /// The next packet. Blocks or not, as the socket is set.
    pub fn receive(&mut self, socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<Received> {
        let mut space = nix::cmsg_space!(nix::sys::time::TimeSpec);
        let mut slices = [IoSliceMut::new(buffer)];
        let descriptor = socket.as_fd().as_raw_fd();
        let message = recvmsg::<SockaddrStorage>(descriptor, &mut slices, Some(&mut space), MsgFlags::empty())?;
        let read = host_now();
        let real = message.cmsgs().ok().and_then(|mut all| {
            all.find_map(|it| match it {
                ControlMessageOwned::ScmTimestampns(time) => Some(time.tv_sec() * 1_000_000_000 + time.tv_nsec()),
                _ => None,
            })
        });
        let at = real.and_then(|real| self.host(real, read));
        Ok(Received {
            len: message.bytes,
            from: message.address.as_ref().and_then(address),
            at: at.unwrap_or(read),
            stamp: if at.is_some() { Stamp::Kernel } else { Stamp::Reading },
        })
    }

    /// The host time of a stamp; none if unknown.
    fn host(&mut self, real: i64, read: HostTime) -> Option<HostTime> {
        let (difference, bracket) = real_less_host()?;
        let before = self.last.replace((difference, read));
        convert(real, read, (difference, bracket), before)
    }
}

/// The host time of a stamp, if plausible: not after it was read, not long before, and without a clock change in
/// between.
fn convert(
    real: i64,
    read: HostTime,
    (difference, bracket): (i64, i64),
    before: Option<(i64, HostTime)>,
) -> Option<HostTime> {
    let set = before.is_some_and(|(before, then)| {
        let slewed = (read.since(then).max(0) as f64 * SLEW) as i64 + BRACKET_NS + bracket;
        difference.saturating_sub(before).saturating_abs() > slewed
    });
    let at = HostTime(real.saturating_sub(difference));
    let age = read.since(at);
    (!set && (-bracket..OLDEST_NS).contains(&age)).then_some(at.min(read))
}

/// Real time minus host time, and how long it took to read them: the fastest of some readings, one below two
/// microseconds if possible.
fn real_less_host() -> Option<(i64, i64)> {
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..TRIES {
        let before = host_now();
        let real = clock_gettime(ClockId::CLOCK_REALTIME).ok()?;
        let took = host_now().since(before);
        let middle = before.0 + took / 2;
        let difference = real.tv_sec() * 1_000_000_000 + real.tv_nsec() - middle;
        if best.is_none_or(|(_, shortest)| took < shortest) {
            best = Some((difference, took));
        }
        if took < BRACKET_NS {
            break;
        }
    }
    best.filter(|(_, took)| *took < WORST_BRACKET_NS)
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|it| SocketAddr::from(std::net::SocketAddrV4::from(*it)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|it| SocketAddr::from(std::net::SocketAddrV6::from(*it))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    const DIFFERENCE: i64 = 1_700_000_000_000_000_000;
    const READ: HostTime = HostTime(5_000_000_000);

    fn at(age: i64, difference: i64, before: Option<i64>) -> Option<HostTime> {
        let before = before.map(|before| (before, READ - std::time::Duration::from_millis(100)));
        convert(READ.0 + DIFFERENCE - age, READ, (difference, 1_000), before)
    }

    #[test]
    fn a_stamp_is_the_time_before_the_reading_by_which_the_program_was_late() {
        assert_eq!(at(3_000_000, DIFFERENCE, None), Some(HostTime(READ.0 - 3_000_000)));
        assert_eq!(at(3_000_000, DIFFERENCE, Some(DIFFERENCE + 20_000)), Some(HostTime(READ.0 - 3_000_000)));
        assert_eq!(at(-500, DIFFERENCE, None), Some(READ), "as good as now");
    }

    #[test]
    fn a_stamp_from_when_the_date_was_set_is_not_believed() {
        assert_eq!(at(0, DIFFERENCE, Some(DIFFERENCE - 1_000_000)), None, "set by a millisecond in between");
        assert_eq!(at(-5_000_000, DIFFERENCE, None), None, "from the future");
        assert_eq!(at(3_600_000_000_000, DIFFERENCE, None), None, "an hour old");
    }

    #[test]
    fn the_kernel_tells_when_a_packet_was_sent_however_late_it_is_read() {
        for any in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(any) else { continue };
            let mut stamper = Stamper::of(&socket);
            let mut buffer = [0; 16];
            // The first packets may come before the kernel has begun to stamp, and a test may lose its processor.
            let best = (0..50).map(|_| {
                let before = host_now();
                socket.send_to(b"when", socket.local_addr().expect("bound")).expect("sent");
                let sent = host_now();
                while host_now().since(sent) < 2_000_000 {}
                let received = stamper.receive(&socket, &mut buffer).expect("it is there");
                assert_eq!((received.len, received.from), (4, socket.local_addr().ok()));
                assert_eq!(received.stamp, Stamp::Kernel);
                before.since(received.at).max(received.at.since(sent))
            });
            // Both clocks are read to two microseconds.
            let best = best.min().expect("some");
            assert!(best < 5_000, "{best} ns away from the sending");
        }
    }
}
