//! This machine's clock.

use downbeat_protocol::HostTime;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::SockaddrStorage;
use nix::time::{ClockId, clock_gettime};
use std::net::IpAddr;

/// `CLOCK_MONOTONIC` now. Only edges call it; cores get the time as an argument.
pub fn host_now() -> HostTime {
    HostTime(nanoseconds(ClockId::CLOCK_MONOTONIC).unwrap_or(0))
}

/// How long this machine has slept since boot, in nanoseconds: `CLOCK_MONOTONIC` stops meanwhile, `CLOCK_BOOTTIME` does
/// not. None if the system does not report it.
pub fn slept_ns() -> Option<i64> {
    Some(nanoseconds(ClockId::CLOCK_BOOTTIME)? - nanoseconds(ClockId::CLOCK_MONOTONIC)?)
}

/// The current addresses at which other machines reach this one, without loopback and link-local ones.
pub fn addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    let ip = |address: SockaddrStorage| {
        let v4 = address.as_sockaddr_in().map(|it| IpAddr::V4(it.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|it| IpAddr::V6(it.ip())))
    };
    let far = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => !ip.is_loopback(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
    };
    interfaces.filter_map(|it| it.address.and_then(ip)).filter(far).collect()
}

fn nanoseconds(clock: ClockId) -> Option<i64> {
    let time = clock_gettime(clock).ok()?;
    Some(time.tv_sec() * 1_000_000_000 + time.tv_nsec())
}
