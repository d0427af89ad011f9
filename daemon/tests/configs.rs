//! Every shipped daemon configuration is valid.

use downbeat_config::Program;
use downbeatd::app;
use downbeatd::config::{Config, Flag, Sources};
use std::path::{Path, PathBuf};

/// Every TOML file under `directory`.
fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "toml") {
            found.push(entry);
        }
    }
}

/// Whether it is a daemon's. The renderer's configurations and what surfaces have are read by tests of their own.
fn is_daemons(path: &Path) -> bool {
    if path.iter().any(|folder| folder == "surfaces") {
        return false;
    }
    let text = std::fs::read_to_string(path).expect("a text");
    path.file_name().is_some_and(|name| name != "Cargo.toml") && Program::of(&text) == Program::Daemon
}

#[test]
fn every_shipped_configuration_can_be_used() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../config"), &mut found);
    found.retain(|path| is_daemons(path));
    assert!(!found.is_empty());
    for path in found {
        // Audio comes from the machine; whether it is there is not the file's fault.
        let flags = vec![Flag::set("audio.source=jack")];
        let sources = Sources { file: Some(path.clone()), flags, ..Sources::default() };
        let checked = Config::load(&sources).map_err(|fault| fault.to_string());
        let checked = checked.and_then(|config| app::check(&config).map_err(|failure| failure.to_string()));
        assert_eq!(checked, Ok(()), "{}", path.display());
    }
}
