//! What must not be in a report: the contents of key files, however they came into a text.

use crate::doctor::{Wanted, folders};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The beginning of every private key in PEM, after its kind.
const PEM: &str = "PRIVATE KEY-----";
/// Lines of a key file shorter than this may stand anywhere by chance.
const TELLING: usize = 24;
/// Longer files are no keys.
const LONGEST: u64 = 64 << 10;

/// Pieces of secrets.
#[derive(Debug, Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Those that this user can read.
    pub fn gather(wanted: &Wanted) -> Self {
        let mut secrets = Self::default();
        for folder in wanted.keys.iter().cloned().chain(usual_folders()) {
            let files = fs::read_dir(folder).into_iter().flatten().flatten();
            files.for_each(|file| secrets.read(&file.path()));
        }
        wanted.page_key.iter().for_each(|file| secrets.read(file));
        secrets
    }

    fn read(&mut self, path: &Path) {
        let is_small = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
        let text = if is_small { fs::read(path).unwrap_or_default() } else { Vec::new() };
        self.take(&String::from_utf8_lossy(&text));
    }

    fn take(&mut self, text: &str) {
        // Certificates and fingerprints are public.
        if text.contains(PEM) {
            let lines = text.lines().map(str::trim).filter(|line| line.len() >= TELLING && !line.contains("-----"));
            self.0.extend(lines.map(str::to_owned));
        }
    }

    /// Whether one of them is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        text.contains(PEM) || self.0.iter().any(|secret| text.contains(secret.as_str()))
    }
}

/// Where keys may lie if the configuration names no folder.
fn usual_folders() -> impl Iterator<Item = PathBuf> {
    let named = std::env::var_os("DOWNBEAT_KEYS").filter(|value| !value.is_empty()).map(PathBuf::from);
    named.into_iter().chain(folders::usual())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_without_its_frame_and_a_certificate_is_none() {
        let mut secrets = Secrets::default();
        secrets.take("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIExhYWFhYWFh\n-----END PRIVATE KEY-----\n");
        secrets.take("-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUPublicPublic\n-----END CERTIFICATE-----\n");
        assert!(secrets.are_in("note: MC4CAQAwBQYDK2VwBCIEIExhYWFhYWFh."));
        assert!(secrets.are_in("-----BEGIN RSA PRIVATE KEY-----"));
        assert!(!secrets.are_in("MIIBszCCAVmgAwIBAgIUPublicPublic"));
    }
}
