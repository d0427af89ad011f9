//! What counts as one host, and as one address. Pure.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// What counts as one host: an IPv4 address, or the network of an IPv6 one, since a machine chooses its address there
/// (RFC 4291, 2.5.1; RFC 8981).
pub fn network(host: IpAddr) -> IpAddr {
    match host.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        ip => ip,
    }
}

/// The one form of an address: a socket for both IPv4 and IPv6 shows a peer's as `::ffff:192.0.2.7` (RFC 4291, 2.5.5.2).
pub fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
        // A link-local one is nothing without its interface.
        IpAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_one_host_whatever_address_it_chooses_and_however_it_is_written() {
        let of = |host: &str| network(host.parse().expect("an address")).to_string();
        assert_eq!(["192.0.2.7", "::ffff:192.0.2.7"].map(of), ["192.0.2.7"; 2]);
        assert_eq!(["2001:db8::1", "2001:db8::ffff:2"].map(of), ["2001:db8::"; 2]);
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        let canonical = |address: &str| canonical(address.parse().expect("an address")).to_string();
        assert_eq!(canonical("[::ffff:192.0.2.7]:9001"), "192.0.2.7:9001");
        assert_eq!(canonical("[fe80::7%2]:9001"), "[fe80::7%2]:9001");
    }
}
