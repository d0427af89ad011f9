//! Several hosts, each with a cable of its own to one router.

use super::{Conditions, Host, Link};
use std::net::Ipv4Addr;

/// Hosts that reach each other through a router.
pub struct Star {
    links: Vec<Link>,
    hosts: Vec<Host>,
    _router: Host,
}

impl Star {
    /// So many hosts. Chance is as the seed says.
    pub fn of(count: usize, seed: u64) -> Self {
        let router = Host::new();
        router.forward();
        let hosts: Vec<Host> = (0..count).map(|_| Host::new()).collect();
        let joined = hosts.iter().enumerate().map(|(number, host)| {
            let link = Link::between(host, &router, seed.wrapping_add(number as u64));
            host.ip(&["route", "add", "default", "via", &link.addresses()[1].to_string()]);
            link
        });
        Self { links: joined.collect(), hosts, _router: router }
    }

    /// A host.
    pub fn host(&self, number: usize) -> &Host {
        &self.hosts[number]
    }

    /// The address of a host.
    pub fn address(&self, number: usize) -> Ipv4Addr {
        self.links[number].addresses()[0]
    }

    /// Gives a host another address in its net.
    pub fn roam(&self, number: usize, from: Ipv4Addr, to: Ipv4Addr) {
        let (host, link) = (&self.hosts[number], &self.links[number]);
        host.roam(&link.interface(), &format!("{from}/24"), &format!("{to}/24"));
        // The route went with the address.
        host.ip(&["route", "replace", "default", "via", &link.addresses()[1].to_string()]);
    }

    /// Makes the cable of a host like this from now on.
    pub fn set(&self, number: usize, conditions: Conditions) {
        self.links[number].set(conditions);
    }
}
