//! What a new configuration asks for, once nothing can be wrong with it any more: not now, and not when the daemon starts
//! with it.

use super::open::{self, Names, Prepared, Shared};
use super::{check_keys, engine, loops, notes};
use crate::config::{Config, Difference, Snapshot, Sources, Table};
use crate::exit::Failure;
use downbeat_engine::Adoption;
use downbeat_protocol::ShowState;

/// The changes that a configuration makes to a running daemon.
pub(super) struct Plan {
    pub config: Config,
    pub difference: Difference,
    pub adoption: Adoption,
    pub names: Names,
    /// The edges to launch.
    pub prepared: Vec<Prepared>,
}

impl Plan {
    /// Of files, in place of the running configuration. A bug that they come across refuses them, and ends nothing.
    pub fn new(files: &Snapshot, sources: &Sources, running: &Config, shared: &Shared) -> Result<Self, Failure> {
        Failure::of_panic(|| Self::made(Config::of(files, sources)?, running, shared))
    }

    fn made(config: Config, running: &Config, shared: &Shared) -> Result<Self, Failure> {
        let whole = engine(&config, Some(ShowState::clone(&shared.state_at_next_start())))?;
        if let Some(failure) = Failure::all(loops::failures(&config)) {
            return Err(failure);
        }
        let difference = Difference::between(running, &config);
        let adoption = Adoption::new(&running.engine, &config.engine)
            .map_err(|error| config.fault(&error.path(), error.problem()))
            .map_err(|fault| {
                Failure::Config(format!(
                    "{fault}; or restart the daemon, which also reads {}",
                    difference.restart.join(", ")
                ))
            })?;
        let names = Names::of(whole.state(), adoption.schema());
        let prepared = difference.open.iter().map(|table| prepare(&config, shared, &names, table));
        let prepared = prepared.collect::<Result<Vec<_>, _>>()?;
        // A table that has not changed may name what is gone now, or will be after a restart.
        let names_later = Names::of(whole.state(), whole.schema());
        let stay = with_names(&config).filter(|table| !difference.open.contains(table));
        let mut failures: Vec<_> = stay.filter_map(|table| prepare(&config, shared, &names, &table).err()).collect();
        if failures.is_empty() && names_later.schema != names.schema {
            let all = with_names(&config);
            failures.extend(all.filter_map(|table| prepare(&config, shared, &names_later, &table).err()));
        }
        failures.extend(try_next_start(&config, running, &difference).err());
        match Failure::all(failures) {
            Some(failure) => Err(failure),
            None => Ok(Self { config, difference, adoption, names, prepared }),
        }
    }
}

/// The tables of edges that name signals, parameters or addresses.
fn with_names(config: &Config) -> impl Iterator<Item = Table> {
    let controls = config.controls.iter().map(|peer| Table::Control(peer.name.clone()));
    controls.chain(config.outputs.iter().map(|peer| Table::Output(peer.name.clone())))
}

/// Tries what only the next start uses.
fn try_next_start(config: &Config, running: &Config, difference: &Difference) -> Result<(), Failure> {
    let changes = |table: &str| difference.restart.iter().any(|it| it == table);
    if changes("audio") || changes("bus") {
        open::check_files(config)?;
    }
    if changes("midi-source") {
        notes::check(config)?;
    }
    if config.show.keys != running.show.keys {
        check_keys(config)?;
    }
    Ok(())
}

fn prepare(config: &Config, shared: &Shared, names: &Names, table: &Table) -> Result<Prepared, Failure> {
    let gone = || Failure::Internal(format!("[{table}] is not there"));
    match table {
        Table::Control(name) => {
            let peer = config.controls.iter().find(|peer| peer.name == *name).ok_or_else(gone)?;
            open::control(config, shared, names, peer)
        }
        Table::Output(name) => {
            let peer = config.outputs.iter().find(|peer| peer.name == *name).ok_or_else(gone)?;
            open::output(config, shared, names, peer)
        }
        Table::Web => open::web(config, shared, names, config.web.as_ref().ok_or_else(gone)?),
        Table::Server => open::server(config, shared, names, config.server.as_ref().ok_or_else(gone)?),
    }
}
