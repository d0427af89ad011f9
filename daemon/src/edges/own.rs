//! The addresses of this machine.

use std::net::{IpAddr, UdpSocket};

/// Whether an address is one of this machine's: only those can be bound.
pub fn is_own(ip: IpAddr) -> bool {
    ip.is_loopback() || (!ip.is_multicast() && UdpSocket::bind((ip, 0)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_machine_is_not_this_ones() {
        let is = |ip: &str| is_own(ip.parse().expect("an address"));
        assert!(is("127.0.0.1") && is("127.0.0.2") && is("::1"));
        assert!(!is("192.0.2.10") && !is("224.0.0.1"));
    }
}
