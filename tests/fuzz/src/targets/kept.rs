//! Files that the daemon keeps for itself: the configuration as it was when it was last good, the peers, its key.

use downbeat_peer::identity::{Acquaintances, Identity};
use downbeatd::config::{Config, LastGood, Sources};

/// A last good configuration is damaged, or read as a configuration, which may be at fault.
pub fn run_last_good(bytes: &[u8]) {
    let Some(files) = LastGood::parse(bytes) else { return };
    if let Err(fault) = Config::of(&files, &Sources::default()) {
        assert!(!fault.to_string().is_empty());
    }
}

/// A list of peers is refused with its place, or each has a name and a key.
pub fn run_peers(bytes: &[u8]) {
    match Acquaintances::parse(bytes) {
        Ok(peers) => peers.iter().for_each(|peer| assert_eq!(peer.fingerprint.to_string().len(), 64)),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// A key is broken, or the identity of a program.
pub fn run_key(bytes: &[u8]) {
    match Identity::parse("daemon.pem", bytes) {
        Ok(identity) => assert!(!identity.certificate().is_empty()),
        Err(why) => assert!(why.to_string().contains("daemon.pem"), "{why}"),
    }
}

/// Nothing, a file, and a file with a drop-in.
pub fn last_good_seeds() -> Vec<Vec<u8>> {
    [
        "[]",
        r#"[["/etc/downbeat/downbeat.toml","[show]\nname = \"tour\"\n[audio]\nhop = 128\n"]]"#,
        r#"[["a.toml","[parameter.glow]\nrange = [0, 1]\n"],["a.toml.d/b.toml","[parameter.glow]\ndefault = 0.5\n"]]"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// No peers, and two.
pub fn peers_seeds() -> Vec<Vec<u8>> {
    let peer = |name: &str, role: &str, digit: &str| {
        format!("[[peer]]\nname = \"{name}\"\nrole = \"{role}\"\nfingerprint = \"{}\"\n", digit.repeat(64))
    };
    vec![Vec::new(), format!("# Peers.\n{}{}", peer("left", "renderer", "a"), peer("tablet", "controller", "0")).into()]
}

/// A key of its own kind, made for this: it is nobody's.
pub fn key_seeds() -> Vec<Vec<u8>> {
    let block = |what: &str, text: &str| format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n");
    let (key, certificate) = (block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIA=="), block("CERTIFICATE", "MIIBAA=="));
    vec![format!("{key}{certificate}").into(), format!("{certificate}{key}").into(), certificate.into()]
}
