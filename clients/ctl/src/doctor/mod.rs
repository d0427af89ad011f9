//! `downbeatctl doctor`: is this machine fit for a show?
//!
//! | file | noun |
//! |---|---|
//! | `machine` | the files and programs that are asked; another folder in tests |
//! | `wanted`, `ports` | what the configuration asks of the machine |
//! | `folders` | where daemons run: state and keys lie there |
//! | `finding` | a finding, and how it is printed |
//! | `rights`, `kernel`, `sound`, `network`, `picture`, `disk` | what is looked at |
//!
//! It changes nothing and opens no port or device that the show needs, so it may run during one.

mod disk;
mod finding;
pub mod folders;
mod kernel;
mod machine;
mod network;
mod picture;
mod ports;
mod rights;
mod sound;
mod wanted;

pub use finding::Finding;
#[cfg(test)]
pub use machine::made;
pub use machine::{Answer, Machine};
pub use wanted::Wanted;

use crate::exit::Failure;
use finding::Grade;
use std::io::{IsTerminal, Write, stdout};
use std::path::PathBuf;

/// The configuration used by default, if it exists.
const USUAL_CONFIG: &str = "/etc/downbeat/downbeat.toml";

/// Check whether this machine is fit for a show
///
/// Looks at rights, processor, clock, JACK or PipeWire, ports, network, graphics, disk, and prints how to fix what is not
/// in order. Run it as the user who runs the daemon: for the packaged service, `sudo -u downbeat downbeatctl doctor`.
/// Changes nothing, and may run during a show. Exits with 1 if something is bad; warnings do not count.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The daemon's configuration [default: /etc/downbeat/downbeat.toml, if it exists]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks at everything and prints it.
///
/// # Errors
/// If something is bad, or the configuration cannot be read.
pub fn run(args: &Args) -> Result<(), Failure> {
    let machine = Machine::this();
    let wanted = Wanted::read(config(args.config.clone()), &machine);
    let found = look(&machine, &wanted.map_err(|fault| Failure::Config(fault.to_string()))?);
    let mut out = stdout();
    if args.json {
        let json = serde_json::to_string_pretty(&found);
        writeln!(out, "{}", json.map_err(|error| Failure::Refused(error.to_string()))?)?;
    } else {
        let colours = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        write!(out, "{}", finding::table(&found, colours))?;
    }
    match found.iter().filter(|it| it.grade == Grade::Bad).count() {
        0 => Ok(()),
        1 => Err(Failure::Refused("one thing is bad: fix it before the show".into())),
        bad => Err(Failure::Refused(format!("{bad} things are bad: fix them before the show"))),
    }
}

/// The configuration: the given one, or the usual one if it exists.
pub fn config(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| Some(PathBuf::from(USUAL_CONFIG)).filter(|path| path.exists()))
}

/// Everything that is found.
pub fn look(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let looks = [rights::look, kernel::look, sound::look, network::look, picture::look, disk::look];
    looks.iter().flat_map(|look| look(machine, wanted)).collect()
}

/// The findings as plain text.
pub fn table(found: &[Finding]) -> String {
    finding::table(found, false)
}
