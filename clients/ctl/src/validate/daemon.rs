//! What `downbeatd` would say to a configuration.

use downbeatd::clock::ShowClock;
use downbeatd::config::{Config, Fault, Peer, Sources};
use downbeatd::controls::CONTROLS;
use downbeatd::dispatch::ClientList;
use downbeatd::engine::Engine;
use downbeatd::outputs::{Context, OUTPUTS, OutputError};
use std::path::Path;

/// Reads a configuration, builds the engine, and opens every output and control as the daemon would, for a moment:
/// much is found by that only, as a signal's name in an output's table. A port that is taken is no mistake of the file;
/// a running daemon takes it.
///
/// # Errors
/// The first mistake, with its place.
pub fn check(file: &Path) -> Result<(), Fault> {
    let config = Config::load(&Sources { file: Some(file.into()), ..Sources::default() })?;
    let engine = Engine::new(&config.engine, None).map_err(|error| config.fault(&error.path(), error.to_string()))?;
    let (door, _commands) = crossbeam_channel::unbounded();
    let context = |peer: &Peer| Context {
        name: peer.name.clone(),
        show: config.show.name.clone(),
        epoch: 0,
        clock: ShowClock::default(),
        schema: engine.schema(),
        door: door.clone(),
        midi: None,
        clients: ClientList::default(),
    };
    for peer in &config.outputs {
        let kinds: Vec<&str> = OUTPUTS.iter().map(|kind| kind.kind).collect();
        let open = OUTPUTS.iter().find(|kind| kind.kind == peer.kind).map(|kind| kind.open);
        let open = open.ok_or_else(|| unknown_kind(&config, "output", peer, &kinds))?;
        opened(&config, "output", peer, open(peer.table.clone(), &context(peer)).map(drop))?;
    }
    for peer in &config.controls {
        let kinds: Vec<&str> = CONTROLS.iter().map(|kind| kind.kind).collect();
        let open = CONTROLS.iter().find(|kind| kind.kind == peer.kind).map(|kind| kind.open);
        let open = open.ok_or_else(|| unknown_kind(&config, "control", peer, &kinds))?;
        opened(&config, "control", peer, open(peer.table.clone(), &context(peer)).map(drop))?;
    }
    Ok(())
}

fn unknown_kind(config: &Config, section: &str, peer: &Peer, kinds: &[&str]) -> Fault {
    let path = [section.to_owned(), peer.name.clone(), "kind".to_owned()];
    config.fault(&path, format!("there is no kind `{}`; there are {}", peer.kind, kinds.join(", ")))
}

fn opened(config: &Config, section: &str, peer: &Peer, opened: Result<(), OutputError>) -> Result<(), Fault> {
    match opened {
        Ok(()) | Err(OutputError::Io { .. }) => Ok(()),
        Err(OutputError::Config(error)) => Err(config.explain(&format!("{section}.{}", peer.name), error)),
        Err(error) => Err(config.fault(&[section.to_owned(), peer.name.clone()], error.to_string())),
    }
}
