//! `[control.NAME]` of kind `osc`.

use crate::edges::{OpenError, cadence};
use downbeat_protocol::network::canonical;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use std::net::{IpAddr, SocketAddr};

/// The contents of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The address and UDP port to listen on; `0.0.0.0` is every interface.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Take connections by TCP, too, on the port of the same number.
    #[serde(default = "yes")]
    pub tcp: bool,
    /// Answer every sender.
    #[serde(default = "yes")]
    pub feedback: bool,
    /// The port for answers, for peers that listen on a different port than they send from.
    pub feedback_port: Option<u16>,
    /// Peers that get feedback from the start, `ADDRESS:PORT`.
    #[serde(default, deserialize_with = "canonical_all")]
    pub feedback_to: Vec<SocketAddr>,
    /// Trusted networks, `ADDRESS/BITS`: senders there get everything at once. Others must echo `/hello` first.
    #[serde(default)]
    pub trusted: Vec<IpNet>,
    /// Update rate of meters and parameters while they change.
    #[serde(default = "default_rate")]
    pub rate_hz: f64,
    /// The signals to send, by name or pattern.
    #[serde(default = "default_meters")]
    pub meters: Vec<String>,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 9000))
}

fn yes() -> bool {
    true
}

/// What a tablet draws without falling behind.
fn default_rate() -> f64 {
    15.0
}

fn default_meters() -> Vec<String> {
    ["*.level", "*.band.*", "*.onset.*"].map(String::from).into()
}

/// As their packets show them.
fn canonical_all<'de, D: Deserializer<'de>>(table: D) -> Result<Vec<SocketAddr>, D::Error> {
    Ok(Vec::<SocketAddr>::deserialize(table)?.into_iter().map(canonical).collect())
}

impl Settings {
    /// Whether a host is named, or of a trusted network.
    pub fn trusts(&self, host: IpAddr) -> bool {
        let host = host.to_canonical();
        let is_named = self.feedback_to.iter().any(|named| named.ip() == host);
        is_named || self.trusted.iter().any(|net| net.contains(&host))
    }

    /// Refuses invalid settings.
    pub fn check(&self) -> Result<(), OpenError> {
        let refusal = cadence::refusal(self.rate_hz, 200.0);
        refusal.map_or(Ok(()), |why| Err(OpenError::Value(format!("rate-hz: {why}"))))
    }
}
