//! How many connections each host has: one machine takes no place that another needs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of each host. Clones share it.
#[derive(Clone, Debug)]
pub struct PerHost {
    most: usize,
    hosts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place. Dropping this frees it.
#[derive(Debug)]
pub struct HostPlace {
    host: IpAddr,
    of: PerHost,
}

impl PerHost {
    /// At most so many of one host. This machine's own programs are not limited.
    pub fn new(most: usize) -> Self {
        Self { most, hosts: Arc::default() }
    }

    /// A place for one more of a host; none if it has all that it may.
    pub fn enter(&self, host: IpAddr) -> Option<HostPlace> {
        let host = host.to_canonical();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = hosts.entry(host).or_default();
        if *count >= self.most && !host.is_loopback() {
            return None;
        }
        *count += 1;
        Some(HostPlace { host, of: self.clone() })
    }
}

impl Drop for HostPlace {
    fn drop(&mut self) {
        let mut hosts = self.of.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = hosts.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_takes_its_own_places_only_and_gives_them_back() {
        let hosts = PerHost::new(2);
        let [one, other, mapped, own] =
            ["192.0.2.1", "192.0.2.2", "::ffff:192.0.2.1", "127.0.0.1"].map(|it| it.parse().expect("an address"));
        let places: Vec<_> = (0..2).filter_map(|_| hosts.enter(one)).collect();
        assert_eq!(places.len(), 2);
        assert!(hosts.enter(one).is_none() && hosts.enter(mapped).is_none() && hosts.enter(other).is_some());
        assert_eq!((0..9).filter_map(|_| hosts.enter(own)).collect::<Vec<_>>().len(), 9);
        drop(places);
        assert!(hosts.enter(one).is_some());
        assert!(hosts.hosts.lock().expect("no panics").is_empty());
    }
}
