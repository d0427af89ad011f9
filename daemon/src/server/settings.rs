//! The table `[server]`.

use super::clients::AdmissionPolicy;
use crate::dispatch::Latency;
use downbeat_protocol::DEFAULT_PORT;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};

/// What the table says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// `address:port`, IPv6 as `[address]:port`. The default serves this machine only.
    pub listen: SocketAddr,
    /// The UDP port on which clients are told the time, at the same address. Without it the port after that of
    /// `listen`, or any that is free; the clients are told which. 0 switches it off: the clock is kept over QUIC then,
    /// less well.
    pub clock_port: Option<u16>,
    /// Serve clients of other machines although nobody has checked who they are.
    pub allow_unpaired: bool,
    /// Clients on this machine have to be paired too.
    pub local_needs_pairing: bool,
    /// Tell the local network by multicast DNS that there is a daemon, and of which show: nodes find it with
    /// `server = "mdns"`. A daemon that serves its own machine only says nothing.
    pub announce: bool,
    /// How long the nodes' displays take to show what was drawn: beats are told so much earlier. What is heard cannot
    /// be told earlier than it was heard.
    pub latency_ms: Latency,
}

impl Settings {
    /// Who is served without being known.
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
