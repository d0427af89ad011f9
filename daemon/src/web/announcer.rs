//! Announcements on the local network: `_oscjson._tcp` for OSCQuery (proposal, "mDNS") and `_osc._udp` for plain OSC.

use super::NAME;
use mdns_sd::{ServiceDaemon, ServiceInfo};
use std::net::SocketAddr;

/// The announcements. Dropping this withdraws them.
pub struct Announcer(ServiceDaemon);

impl Announcer {
    /// Announces a server at an address. None if only this machine can reach it, or if the system does not allow it.
    pub fn start(show: &str, address: SocketAddr, osc_port: Option<u16>) -> Option<Self> {
        if address.ip().is_loopback() {
            return None;
        }
        let failed = |error| tracing::warn!("{NAME}: cannot announce itself on the network: {error}");
        let mdns = ServiceDaemon::new().map_err(failed).ok()?;
        let services = [("_oscjson._tcp.local.", Some(address.port())), ("_osc._udp.local.", osc_port)];
        for (kind, port) in services {
            let Some(port) = port else { continue };
            let said = service(show, address, kind, port).and_then(|service| mdns.register(service));
            if let Err(error) = said {
                tracing::warn!("{NAME}: cannot announce {kind} on the network: {error}");
            }
        }
        Some(Self(mdns))
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        // It withdraws the announcements in the background.
        let _ = self.0.shutdown();
    }
}

fn service(show: &str, address: SocketAddr, kind: &str, port: u16) -> Result<ServiceInfo, mdns_sd::Error> {
    let own = super::access::hostname();
    let (name, host) = (format!("Downbeat {show} on {own}"), format!("{}.local.", super::access::announced()));
    let text: [(&str, &str); 0] = [];
    if address.ip().is_unspecified() {
        // All addresses of this machine, as they come and go.
        Ok(ServiceInfo::new(kind, &name, &host, "", port, &text[..])?.enable_addr_auto())
    } else {
        ServiceInfo::new(kind, &name, &host, address.ip(), port, &text[..])
    }
}
