//! TLS for both ends: each presents its certificate and proves that it holds the key. The [`Fingerprint`] then
//! identifies the peer: there is no authority, and dates mean nothing to a box that was without power for a year.
//!
//! No session resumption and no data before the handshake (no session tickets, no 0-RTT): a resumed connection would
//! keep its owner even if that one has been revoked since, and early data can be replayed.

use super::{Fingerprint, Identity};
use downbeat_protocol::ALPN;
use quinn::Connection;
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, SignatureScheme};
use std::sync::Arc;

/// The name in the handshake, without meaning: keys identify daemons.
pub const SERVER_NAME: &str = "downbeat";
/// The label of the connection's secret that binds a pairing to it (RFC 5705).
const EXPORTER: &[u8] = b"EXPORTER-downbeat-pairing";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// TLS rejects it.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// It has no cipher for QUIC's first packets.
    #[error(transparent)]
    Cipher(#[from] NoInitialCipherSuite),
}

/// Configuration of a client with an identity.
pub fn client(identity: &Identity) -> Result<QuicClientConfig, TlsError> {
    let mut crypto = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Holder::default()))
        .with_client_auth_cert(vec![identity.certificate().clone()], identity.key())?;
    crypto.resumption = Resumption::disabled();
    crypto.alpn_protocols = vec![ALPN.to_vec()];
    Ok(QuicClientConfig::try_from(crypto)?)
}

/// Configuration of a daemon with an identity. Lets clients without a certificate through, as strangers.
pub fn server(identity: &Identity) -> Result<QuicServerConfig, TlsError> {
    let mut crypto = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Holder::default()))
        .with_single_cert(vec![identity.certificate().clone()], identity.key())?;
    crypto.send_tls13_tickets = 0;
    crypto.alpn_protocols = vec![ALPN.to_vec()];
    Ok(QuicServerConfig::try_from(crypto)?)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The fingerprint of the key that the other end has proven to hold; none without a certificate.
pub fn peer(connection: &Connection) -> Option<Fingerprint> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    chain.first().map(|certificate| Fingerprint::of(certificate))
}

/// A secret that only the two ends of this connection share.
pub fn binding(connection: &Connection) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    connection.export_keying_material(&mut secret, EXPORTER, b"").ok()?;
    Some(secret)
}

/// Accepts any certificate whose key its holder can sign with.
#[derive(Debug)]
pub struct Holder(Arc<CryptoProvider>);

impl Default for Holder {
    fn default() -> Self {
        Self(provider())
    }
}

/// What both traits ask in the same words: whether the key has signed.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for Holder {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    signatures!();
}

impl ClientCertVerifier for Holder {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    signatures!();
}
