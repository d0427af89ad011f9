//! Which peers are on this machine.

use std::net::IpAddr;

/// Whether a peer is on this machine. A packet with one of our own addresses as its source cannot have come from
/// outside: the kernel drops it (RFC 1812, 5.3.8). Talking to ourselves, both ends have the same address.
pub fn at_home(peer: IpAddr, local: Option<IpAddr>) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || local.is_some_and(|local| local.to_canonical() == peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_loopback_and_any_address_that_talks_to_itself() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(at_home(ip("127.0.0.1"), None));
        assert!(at_home(ip("::ffff:127.0.0.1"), None));
        assert!(at_home(ip("192.0.2.7"), Some(ip("::ffff:192.0.2.7"))));
        assert!(!at_home(ip("192.0.2.8"), Some(ip("192.0.2.7"))));
        assert!(!at_home(ip("192.0.2.8"), None));
    }
}
