//! The table `[web]`.

use crate::edges::OpenError;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What the table says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// `address:port`.
    pub listen: SocketAddr,
    /// Networks whose programs and browsers are let in without a code.
    #[serde(default)]
    pub trusted: Vec<IpNet>,
    /// Tell the local network by multicast DNS that there is an OSCQuery server. One that serves its own machine only
    /// says nothing.
    pub announce: bool,
    /// How often a page is told what moves, in hertz, 1 to 60.
    pub rate_hz: f64,
}

impl Settings {
    /// Whether every value can be used.
    pub fn check(&self) -> Result<(), OpenError> {
        if (1.0..=60.0).contains(&self.rate_hz) {
            return Ok(());
        }
        Err(OpenError::Value(format!("rate-hz is {}; choose 1 to 60", self.rate_hz)))
    }

    /// The time between two moments that are told.
    pub fn period(&self) -> Duration {
        Duration::from_secs_f64(self.rate_hz.recip())
    }

    /// Whether a peer is in one of the trusted networks.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&peer.to_canonical()))
    }
}
