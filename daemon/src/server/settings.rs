//! The table `[server]`.

use super::clients::AdmissionPolicy;
use crate::dispatch::Latency;
use downbeat_protocol::DEFAULT_PORT;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};

/// The content of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// `address:port`, IPv6 as `[address]:port`. The default serves this machine only.
    pub listen: SocketAddr,
    /// The UDP port of the clock, at the same address. By default the port after that of `listen`, or any free one;
    /// clients learn which. 0 switches it off: clocks then run over QUIC, less accurately.
    pub clock_port: Option<u16>,
    /// Serve clients on other machines without verifying them.
    pub allow_unpaired: bool,
    /// Clients on this machine need pairing too.
    pub local_needs_pairing: bool,
    /// Announce the daemon and its show on the local network by multicast DNS: nodes find it with `server = "mdns"`. A
    /// daemon that serves only its own machine does not announce itself.
    pub announce: bool,
    /// Delay of the nodes' displays: beats are sent that much earlier. Audio signals cannot be sent before they are
    /// heard.
    pub latency_ms: Latency,
}

impl Settings {
    /// Clients served without pairing.
    pub fn policy(&self) -> AdmissionPolicy {
        AdmissionPolicy { allow_unpaired: self.allow_unpaired, local_needs_pairing: self.local_needs_pairing }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, DEFAULT_PORT).into(),
            clock_port: None,
            announce: true,
            allow_unpaired: false,
            local_needs_pairing: false,
            latency_ms: Latency::default(),
        }
    }
}
