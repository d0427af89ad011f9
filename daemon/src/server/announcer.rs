//! Announces the daemon on the local network, so that nodes find its address.

use super::ServerContext;
use downbeat_protocol::announcement::{EPOCH, LEADS, SERVICE, SHOW, VERSION};
use downbeat_protocol::message::Daemon;
use mdns_sd::{ServiceDaemon, ServiceInfo};
use std::net::IpAddr;

/// The current announcement. Dropping this withdraws it.
pub struct Announcer {
    mdns: ServiceDaemon,
    ip: IpAddr,
    /// The last announcement, and its epoch.
    told: Option<(Daemon, u64)>,
}

impl Announcer {
    /// Prepares the announcement of a server at an address. None if only this machine can reach it, or if the system
    /// does not allow it: nodes then need the address.
    pub fn start(name: &str, ip: IpAddr) -> Option<Self> {
        if ip.is_loopback() {
            return None;
        }
        let failed = |error| tracing::warn!("{name}: cannot announce itself on the network: {error}");
        let mdns = ServiceDaemon::new().map_err(failed).ok()?;
        Some(Self { mdns, ip, told: None })
    }

    /// Announces changes.
    pub fn keep(&mut self, context: &ServerContext) {
        let now = (context.daemon(), context.leadership.epoch());
        if self.told == Some(now) {
            return;
        }
        self.told = Some(now);
        let said = service(context, self.ip).and_then(|service| self.mdns.register(service));
        if let Err(error) = said {
            tracing::warn!("cannot announce the show `{}` on the network: {error}", context.show);
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        // It withdraws the announcement in the background.
        let _ = self.mdns.shutdown();
    }
}

fn service(context: &ServerContext, ip: IpAddr) -> Result<ServiceInfo, mdns_sd::Error> {
    let Daemon { run, leads, port, .. } = context.daemon();
    let (name, epoch) = (format!("downbeat-{run:016x}"), context.leadership.epoch().to_string());
    let version = downbeat_protocol::VERSION.to_string();
    let text: [(&str, &str); 4] =
        [(SHOW, &context.show), (EPOCH, &epoch), (VERSION, &version), (LEADS, if leads { "1" } else { "0" })];
    let host = format!("{name}.local.");
    if ip.is_unspecified() {
        // All addresses of this machine, as they come and go.
        Ok(ServiceInfo::new(SERVICE, &name, &host, "", port, &text[..])?.enable_addr_auto())
    } else {
        ServiceInfo::new(SERVICE, &name, &host, ip, port, &text[..])
    }
}
