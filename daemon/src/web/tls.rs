//! HTTPS: the operator's certificate and its key.

use crate::edges::OpenError;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// The longest file that is read, in bytes: a thousand certificates.
const LONGEST: u64 = 4 << 20;

/// What takes connections by TLS.
///
/// # Errors
/// With the key of the configuration and the file, when one cannot be read, is no PEM, or the two do not belong together:
/// all of which may pass, while the files are renewed.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, OpenError> {
    let wrong = |name: &str, path: &Path, why: String| OpenError::Within {
        key: name.into(),
        error: Box::new(OpenError::Io { what: path.display().to_string(), source: std::io::Error::other(why) }),
    };
    let read = |path: &Path| downbeat_files::read(path, LONGEST).map_err(|error| error.to_string());
    let parsed = |text: Vec<u8>| CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let chain = read(certificate).and_then(|text| parsed(text).map_err(|error| error.to_string()));
    let chain = chain.and_then(|chain| match chain.is_empty() {
        true => Err("no certificate found".into()),
        false => Ok(chain),
    });
    let advice = "expected a readable PEM file: the certificate, then its intermediates";
    let chain = chain.map_err(|why| wrong("certificate", certificate, format!("{why}; {advice}")))?;
    let advice = "expected a readable PEM file: the certificate's private key, without a password";
    let secret = read(key).and_then(|text| PrivateKeyDer::from_pem_slice(&text).map_err(|error| error.to_string()));
    let secret = secret.map_err(|why| wrong("key", key, format!("{why}; {advice}")))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, secret));
    let advice = "is it the key of this certificate?";
    let mut config = config.map_err(|why| wrong("key", key, format!("{why}; {advice}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_needs_its_own_key_and_a_fault_names_the_file() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("written");
        for name in ["own", "other"] {
            let made = rcgen::generate_simple_self_signed(vec!["rig.example".into()]).expect("a certificate");
            write(&format!("{name}.pem"), &made.cert.pem());
            write(&format!("{name}.key"), &made.signing_key.serialize_pem());
        }
        write("empty.pem", "");
        let fault =
            |certificate: &str, key: &str| acceptor(&path(certificate), &path(key)).err().map(|it| it.to_string());
        assert_eq!(fault("own.pem", "own.key"), None);
        let told = |certificate: &str, key: &str| fault(certificate, key).expect("refused");
        assert!(
            told("gone.pem", "own.key").starts_with("certificate: /")
                && told("gone.pem", "own.key").contains("gone.pem")
        );
        assert!(told("empty.pem", "own.key").contains("no certificate found"));
        assert!(told("own.pem", "own.pem").starts_with("key: /"));
        assert!(told("own.pem", "other.key").contains("is it the key of this certificate?"));
    }
}
