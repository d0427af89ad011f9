//! The table `[web]`.

use super::tls;
use crate::edges::{OpenError, cadence};
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;

/// The contents of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// `address:port`.
    pub listen: SocketAddr,
    /// Networks whose programs and browsers need no code.
    #[serde(default)]
    pub trusted: Vec<IpNet>,
    /// A PEM certificate, to serve the page over HTTPS.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its key.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// Announce the OSCQuery server on the local network by multicast DNS. One that serves only its own machine does
    /// not.
    pub announce: bool,
    /// Update rate of a page, in hertz, 1 to 60.
    pub rate_hz: f64,
}

impl Settings {
    /// Refuses invalid settings.
    pub fn check(&self) -> Result<(), OpenError> {
        if (1.0..=60.0).contains(&self.rate_hz) {
            return Ok(());
        }
        Err(OpenError::Value(format!("rate-hz is {}; choose 1 to 60", self.rate_hz)))
    }

    /// The TLS acceptor, if a certificate is configured.
    pub fn tls(&self) -> Result<Option<TlsAcceptor>, OpenError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => tls::acceptor(certificate, key).map(Some),
            (None, None) => Ok(None),
            _ => Err(OpenError::Value(
                "certificate and key are needed together: the page is served by HTTPS then".into(),
            )),
        }
    }

    /// The time between two moments that are told.
    pub fn period(&self) -> Duration {
        cadence::period(self.rate_hz)
    }

    /// Whether a peer is in one of the trusted networks.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&peer.to_canonical()))
    }
}
