//! Finds daemons on the local network by multicast DNS.

use downbeat_protocol::announcement::{LEADS, SERVICE, SHOW};
use mdns_sd::{Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait for an announcement. Answers come within a fifth of a second (RFC 6762, 6).
const WAIT: Duration = Duration::from_secs(1);
/// How often to check for one.
const LOOK: Duration = Duration::from_millis(20);
/// Maximum number of daemons remembered; more is an attack.
const MOST: usize = 64;

/// A daemon that has announced itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    show: String,
    leads: bool,
    addresses: Vec<SocketAddr>,
}

/// Listens for announcements as long as it lives.
pub struct Discovery {
    mdns: ServiceDaemon,
    events: Receiver<ServiceEvent>,
    found: BTreeMap<String, Found>,
}

impl Discovery {
    /// Starts listening, on its own thread.
    pub fn start() -> Result<Self, mdns_sd::Error> {
        let mdns = ServiceDaemon::new()?;
        let events = mdns.browse(SERVICE)?;
        Ok(Self { mdns, events, found: BTreeMap::new() })
    }

    /// The addresses of the daemons of a show, or of any: those that lead first. Waits a second for the first of them.
    pub async fn find(&mut self, show: Option<&str>) -> Vec<SocketAddr> {
        let begun = Instant::now();
        loop {
            self.receive();
            let addresses = chosen(&self.found, show);
            if !addresses.is_empty() || begun.elapsed() > WAIT {
                return addresses;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn receive(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                ServiceEvent::ServiceResolved(service) if self.found.len() < MOST => {
                    self.found.insert(service.fullname.clone(), Found::of(&service));
                }
                ServiceEvent::ServiceRemoved(_, name) => drop(self.found.remove(&name)),
                _ => {}
            }
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        // Its thread ends by itself on request; no one depends on it.
        let _ = self.mdns.shutdown();
    }
}

impl Found {
    fn of(service: &ResolvedService) -> Self {
        let text = |key| service.get_property_val_str(key).unwrap_or_default();
        let reachable = |ip: &IpAddr| match ip {
            IpAddr::V4(ip) => !ip.is_loopback(),
            // Those need the network interface as well.
            IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
        };
        let addresses = service.addresses.iter().map(|it| it.to_ip_addr()).filter(reachable);
        let mut addresses: Vec<SocketAddr> = addresses.map(|ip| (ip, service.port).into()).collect();
        addresses.sort_by_key(|it| (it.is_ipv6(), *it));
        Self { show: text(SHOW).into(), leads: text(LEADS) == "1", addresses }
    }
}

fn chosen(found: &BTreeMap<String, Found>, show: Option<&str>) -> Vec<SocketAddr> {
    let mut fitting: Vec<&Found> = found.values().filter(|it| show.is_none_or(|show| show == it.show)).collect();
    fitting.sort_by_key(|it| !it.leads);
    fitting.iter().flat_map(|it| it.addresses.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daemons_of_the_wanted_show_are_tried_and_those_that_lead_first() {
        let found = |show: &str, leads, last| Found {
            show: show.into(),
            leads,
            addresses: vec![([10, 0, 0, last], 9440).into()],
        };
        let all = BTreeMap::from([
            ("a".to_owned(), found("friday", false, 1)),
            ("b".to_owned(), found("friday", true, 2)),
            ("c".to_owned(), found("saturday", true, 3)),
        ]);
        let last = |show| chosen(&all, show).iter().map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(last(Some("friday")), ["10.0.0.2:9440", "10.0.0.1:9440"]);
        assert_eq!(last(Some("saturday")), ["10.0.0.3:9440"]);
        assert_eq!(last(None).len(), 3);
        assert!(last(Some("sunday")).is_empty());
    }
}
