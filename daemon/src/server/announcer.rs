//! Announces the daemon on the local network, so that nodes find its address.

use super::{NAME, ServerContext};
use crate::edges::mdns::Mdns;
use downbeat_protocol::announcement::{EPOCH, LEADS, SERVICE, SHOW, VERSION};
use downbeat_protocol::message::Daemon;
use mdns_sd::ServiceInfo;
use std::net::IpAddr;

/// The current announcement. Dropping this withdraws it.
pub struct Announcer {
    mdns: Mdns,
    ip: IpAddr,
    /// The last announcement, and its epoch.
    told: Option<(Daemon, u64)>,
}

impl Announcer {
    /// For a server at an address.
    pub fn new(ip: IpAddr) -> Self {
        Self { mdns: Mdns::new(NAME), ip, told: None }
    }

    /// Announces changes, as soon as the system allows it: until then nodes need the address. Nothing if only this
    /// machine can reach the server.
    pub fn keep(&mut self, context: &ServerContext) {
        let now = (context.daemon(), context.leadership.epoch());
        if self.told != Some(now) && !self.ip.is_loopback() && self.mdns.announce(vec![service(context, self.ip)]) {
            self.told = Some(now);
        }
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
