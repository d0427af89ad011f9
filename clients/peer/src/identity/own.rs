//! A program's own key and certificate.

use super::{Fingerprint, FolderError, KeyFolder};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::fmt::{self, Debug, Formatter};

/// A key and its certificate. The certificate never expires: a box with a wrong date still works, and peers check the
/// key rather than a date.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    kept: bool,
    made: bool,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Its file is unusable.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its file is damaged.
    #[error(
        "{path} is not a key with its certificate ({why}): move it away, and this program makes a new one; then pair it again"
    )]
    Broken {
        /// The file.
        path: String,
        /// The problem.
        why: String,
    },
    /// A key could not be made.
    #[error("cannot make a key: {0}")]
    Make(#[from] rcgen::Error),
}

impl Identity {
    /// A new identity, unknown to all peers.
    pub fn new() -> Result<Self, IdentityError> {
        let own = rcgen::generate_simple_self_signed(vec!["downbeat".into()])?;
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        Ok(Self { certificate: own.cert.der().clone(), key: key.into(), kept: false, made: true })
    }

    /// The identity of a program, `NAME.pem` in its folder, made at the first start. If it cannot be stored (a full
    /// disk, a read-only folder), the program gets one for this run, and the log says so.
    pub fn load(folder: &KeyFolder, name: &str) -> Result<Self, IdentityError> {
        let file = format!("{name}.pem");
        let path = || folder.file(&file).display().to_string();
        if let Some(text) = folder.read(&file, true)? {
            return Self::parse(&path(), &text);
        }
        let own = rcgen::generate_simple_self_signed(vec!["downbeat".into()])?;
        let text = format!("{}{}", own.signing_key.serialize_pem(), own.cert.pem());
        if let Err(error) = folder.write_new(&file, text.as_bytes()) {
            tracing::warn!("cannot store this program's key: {error}; its pairings end when it exits");
            let identity = Self::parse(&path(), text.as_bytes())?;
            return Ok(Self { kept: false, made: true, ..identity });
        }
        // Another process may have been first.
        let kept = folder.read(&file, true)?.unwrap_or_else(|| text.clone().into_bytes());
        Ok(Self { made: kept == text.as_bytes(), ..Self::parse(&path(), &kept)? })
    }

    /// The identity in the text of a file, whose path is for messages.
    ///
    /// # Errors
    /// Without a key and its certificate in PEM.
    pub fn parse(path: &str, text: &[u8]) -> Result<Self, IdentityError> {
        let broken = |why: &dyn fmt::Display| IdentityError::Broken { path: path.into(), why: why.to_string() };
        let key = PrivateKeyDer::from_pem_slice(text).map_err(|error| broken(&error))?;
        let certificate = CertificateDer::from_pem_slice(text).map_err(|error| broken(&error))?;
        // What is PEM may still be no key, or another certificate's.
        let provider = rustls::crypto::ring::default_provider();
        CertifiedKey::from_der(vec![certificate.clone()], key.clone_key(), &provider)
            .map_err(|error| broken(&error))?;
        Ok(Self { certificate, key, kept: true, made: false })
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A copy of the key, for TLS.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    /// Whether it survives a restart.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether it was made at this start: nobody knows it yet.
    pub fn is_new(&self) -> bool {
        self.made
    }
}

impl Debug for Identity {
    /// Excludes the key.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Identity({})", self.fingerprint().short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let place = tempfile::tempdir().expect("a folder of the test's own");
        let folder = KeyFolder::find(&place.path().join("keys").display().to_string());
        (place, folder)
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let (_place, folder) = folder();
        let first = Identity::load(&folder, "node").expect("made");
        let again = Identity::load(&folder, "node").expect("read");
        assert_eq!(again.fingerprint(), first.fingerprint());
        assert_eq!((first.is_new(), again.is_new()), (true, false));
        assert_ne!(Identity::load(&folder, "ctl").expect("made").fingerprint(), first.fingerprint());
        let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder.file("node.pem")), mode(&folder.file(""))), (0o600, 0o700));
        assert!(first.is_kept());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_what_to_do() {
        let (_place, folder) = folder();
        Identity::load(&folder, "node").expect("made");
        fs::set_permissions(folder.file("node.pem"), fs::Permissions::from_mode(0o644)).expect("set");
        let why = Identity::load(&folder, "node").expect_err("too open").to_string();
        assert!(why.contains("chmod 600") && why.contains("node.pem"), "{why}");
    }

    #[test]
    fn a_broken_file_is_named_and_left_alone() {
        let (_place, folder) = folder();
        folder.write("node.pem", b"-----BEGIN PRIVATE").expect("written");
        let why = Identity::load(&folder, "node").expect_err("broken").to_string();
        assert!(why.contains("node.pem") && why.contains("pair it again"), "{why}");
        assert_eq!(fs::read(folder.file("node.pem")).expect("there"), b"-----BEGIN PRIVATE");
    }

    #[test]
    fn a_key_that_is_damaged_inside_or_of_another_certificate_is_broken_too() {
        let (_place, folder) = folder();
        let text = |name: &str| {
            Identity::load(&folder, name).expect("made");
            fs::read_to_string(folder.file(&format!("{name}.pem"))).expect("there")
        };
        let (own, other) = (text("node"), text("ctl"));
        let [(key, _), (_, certificate)] =
            [&own, &other].map(|text| text.split_at(text.find("-----BEGIN CERT").expect("two")));
        assert!(Identity::parse("node.pem", own.as_bytes()).is_ok());
        let mut damaged = own.clone().into_bytes();
        // In the middle of the key.
        let place = key.len() / 2;
        damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
        for text in [damaged, format!("{key}{certificate}").into_bytes()] {
            let why = Identity::parse("node.pem", &text).expect_err("broken").to_string();
            assert!(why.starts_with("node.pem is not a key with its certificate"), "{why}");
        }
    }

    #[test]
    fn where_nothing_can_be_kept_the_show_goes_on_with_a_key_for_this_run() {
        let folder = KeyFolder::find("/proc/downbeat-keys");
        assert!(!Identity::load(&folder, "node").expect("for this run").is_kept());
    }

    #[test]
    fn a_full_disk_is_named_and_leaves_nothing_half_written() {
        // Only root may mount a disk that is full.
        let place = tempfile::tempdir().expect("a folder of the test's own");
        let run = |program: &str, arguments: &[&str]| {
            let path = place.path().display().to_string();
            let done = std::process::Command::new(program).args(arguments).arg(path).output();
            done.is_ok_and(|output| output.status.success())
        };
        if !run("mount", &["-t", "tmpfs", "-o", "size=4k,mode=700", "tmpfs"]) {
            return;
        }
        let folder = KeyFolder::find(&place.path().display().to_string());
        let full = fs::write(folder.file("ballast"), [0; 4_096]);
        let identity = Identity::load(&folder, "node");
        let why = folder.write("peers.toml", b"[[peer]]").expect_err("full").to_string();
        let left: Vec<_> = fs::read_dir(place.path()).expect("there").flatten().map(|file| file.file_name()).collect();
        assert!(run("umount", &[]));
        full.expect("the ballast fits");
        assert!(!identity.expect("for this run").is_kept());
        assert!(why.contains("peers.toml"), "{why}");
        assert_eq!(left, ["ballast"]);
    }

    #[test]
    fn a_key_is_never_printed() {
        let identity = Identity::new().expect("made");
        let printed = format!("{identity:?}");
        assert!(printed.len() < 24, "{printed}");
    }
}
