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
/// Maximum of announcements in one look.
const EVENTS: usize = 256;
/// Maximum number of daemons remembered; more is an attack.
const MOST: usize = 64;

/// Listens for announcements as long as it lives.
pub struct Discovery {
    mdns: ServiceDaemon,
    events: Receiver<ServiceEvent>,
    announced: Announced,
}

/// The daemons that have announced themselves. Pure.
#[derive(Clone, Debug, Default)]
pub struct Announced(BTreeMap<String, Found>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    show: String,
    leads: bool,
    addresses: Vec<SocketAddr>,
}

impl Discovery {
    /// Starts listening, on its own thread.
    pub fn start() -> Result<Self, mdns_sd::Error> {
        let mdns = ServiceDaemon::new()?;
        let events = mdns.browse(SERVICE)?;
        Ok(Self { mdns, events, announced: Announced::default() })
    }

    /// The addresses of the daemons of a show, or of any: those that lead first. Waits a second for the first of them.
    pub async fn find(&mut self, show: Option<&str>) -> Vec<SocketAddr> {
        let begun = Instant::now();
        loop {
            self.receive();
            let addresses = self.announced.addresses(show);
            if !addresses.is_empty() || begun.elapsed() > WAIT {
                return addresses;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn receive(&mut self) {
        // Whoever announces without end is looked at again later.
        for event in self.events.try_iter().take(EVENTS) {
            match event {
                ServiceEvent::ServiceResolved(service) => self.announced.take(&service),
                ServiceEvent::ServiceRemoved(_, name) => self.announced.forget(&name),
                _ => {}
            }
        }
        // While a daemon is followed nobody reads, and after a thousand events the subscription ends.
        if self.events.is_disconnected() {
            self.begin_again();
        }
    }

    /// Listens anew. What was announced before may be gone; what still is comes at once.
    fn begin_again(&mut self) {
        let events = self.mdns.browse(SERVICE).or_else(|_| {
            self.mdns = ServiceDaemon::new()?;
            self.mdns.browse(SERVICE)
        });
        match events {
            Ok(events) => (self.events, self.announced) = (events, Announced::default()),
            // Until the next look.
            Err(error) => tracing::debug!(%error, "cannot listen for announcements"),
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        // Its thread ends by itself on request; no one depends on it.
        let _ = self.mdns.shutdown();
    }
}

impl Announced {
    /// Takes an announcement, which replaces an earlier one of that daemon.
    pub fn take(&mut self, service: &ResolvedService) {
        if self.0.len() < MOST || self.0.contains_key(&service.fullname) {
            self.0.insert(service.fullname.clone(), Found::of(service));
        }
    }

    /// The daemon with the full name of an announcement is gone.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The addresses of the daemons of a show, or of any: those that lead first.
    pub fn addresses(&self, show: Option<&str>) -> Vec<SocketAddr> {
        let mut fitting: Vec<&Found> = self.0.values().filter(|it| show.is_none_or(|show| show == it.show)).collect();
        fitting.sort_by_key(|it| !it.leads);
        fitting.iter().flat_map(|it| it.addresses.iter().copied()).collect()
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
        let all = Announced(BTreeMap::from([
            ("a".to_owned(), found("friday", false, 1)),
            ("b".to_owned(), found("friday", true, 2)),
            ("c".to_owned(), found("saturday", true, 3)),
        ]));
        let last = |show| all.addresses(show).iter().map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(last(Some("friday")), ["10.0.0.2:9440", "10.0.0.1:9440"]);
        assert_eq!(last(Some("saturday")), ["10.0.0.3:9440"]);
        assert_eq!(last(None).len(), 3);
        assert!(last(Some("sunday")).is_empty());
    }

    #[test]
    fn a_subscription_that_has_ended_while_nobody_read_begins_again() {
        let mut discovery = Discovery::start().expect("multicast DNS");
        discovery.mdns.stop_browse(SERVICE).expect("asked");
        let begun = std::time::Instant::now();
        let wait = |what: &str| {
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
            std::thread::sleep(LOOK);
        };
        while !discovery.events.is_disconnected() {
            wait("the subscription does not end");
        }
        let old = discovery.events.clone();
        while discovery.events.same_channel(&old) {
            discovery.receive();
            wait("it does not begin again");
        }
        // The search starts.
        while discovery.events.is_empty() {
            assert!(!discovery.events.is_disconnected());
            wait("nothing is heard");
        }
    }

    #[test]
    fn with_too_many_daemons_the_known_ones_still_count() {
        let service = |number: usize, leads: &str| {
            let text = [(SHOW, "friday"), (LEADS, leads)];
            let (name, host) = (format!("daemon-{number}"), format!("daemon-{number}.local."));
            let ip = std::net::Ipv4Addr::from([10, 0, 0, number as u8]);
            let service = mdns_sd::ServiceInfo::new(SERVICE, &name, &host, IpAddr::from(ip), 9440, &text[..]);
            service.expect("a service").as_resolved_service()
        };
        let mut announced = Announced::default();
        (0..MOST + 5).for_each(|number| announced.take(&service(number, "0")));
        assert_eq!(announced.addresses(None).len(), MOST);
        announced.take(&service(7, "1"));
        assert_eq!(announced.addresses(None)[0].to_string(), "10.0.0.7:9440");
    }
}
