//! Announcements on the local network: `_oscjson._tcp` for OSCQuery (proposal, "mDNS") and `_osc._udp` for plain OSC.

use super::NAME;
use crate::edges::mdns::Mdns;
use mdns_sd::ServiceInfo;
use std::net::SocketAddr;

/// Maximum length of a service's name, in bytes (RFC 6763, 4.1.1).
const LONGEST: usize = 63;
/// The kinds of service.
const OSCQUERY: &str = "_oscjson._tcp.local.";
const OSC: &str = "_osc._udp.local.";

/// The announcements. Dropping this withdraws them.
pub struct Announcer {
    show: String,
    address: SocketAddr,
    mdns: Mdns,
    /// What was told: the port for OSC, if there was one.
    told: Option<Option<u16>>,
}

impl Announcer {
    /// For a server at an address.
    pub fn new(show: &str, address: SocketAddr) -> Self {
        Self { show: show.into(), address, mdns: Mdns::new(NAME), told: None }
    }

    /// Announces them and the port for OSC, as soon as the system allows it. Nothing if only this machine can reach the
    /// server.
    pub fn keep(&mut self, osc_port: Option<u16>) {
        if self.told == Some(osc_port) || self.address.ip().is_loopback() {
            return;
        }
        if osc_port.is_none() && self.told.is_some() {
            self.mdns.withdraw(service(&self.show, self.address, OSC, 0));
            self.told = Some(None);
            return;
        }
        let services = [(OSCQUERY, Some(self.address.port())), (OSC, osc_port)];
        let ports = services.into_iter().filter_map(|(kind, port)| Some((kind, port?)));
        let all = ports.map(|(kind, port)| service(&self.show, self.address, kind, port)).collect();
        if self.mdns.announce(all) {
            self.told = Some(osc_port);
        }
    }
}

fn service(show: &str, address: SocketAddr, kind: &str, port: u16) -> Result<ServiceInfo, mdns_sd::Error> {
    let name = instance(show, &super::access::hostname());
    let host = format!("{}.local.", super::access::announced());
    let text: [(&str, &str); 0] = [];
    if address.ip().is_unspecified() {
        // All addresses of this machine, as they come and go.
        Ok(ServiceInfo::new(kind, &name, &host, "", port, &text[..])?.enable_addr_auto())
    } else {
        ServiceInfo::new(kind, &name, &host, address.ip(), port, &text[..])
    }
}

/// The name of a service: of long names the beginning, because a longer one is never announced.
pub fn instance(show: &str, host: &str) -> String {
    let host = beginning(host, LONGEST / 2);
    let show = beginning(show, LONGEST - "Downbeat  on ".len() - host.len());
    format!("Downbeat {show} on {host}")
}

/// The first bytes of a text, up to a whole letter, with spaces for controls.
fn beginning(text: &str, most: usize) -> String {
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let end = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    text[..end].replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_show_is_announced_by_its_beginning() {
        assert_eq!(instance("Friday", "rig"), "Downbeat Friday on rig");
        let long = instance(&"ö".repeat(100), "rig");
        assert_eq!((long.len(), long.chars().filter(|it| *it == 'ö').count()), (62, 23));
        assert!(long.ends_with(" on rig"), "{long}");
        assert_eq!(instance(&"x".repeat(100), &"y".repeat(64)).len(), LONGEST);
    }
}
