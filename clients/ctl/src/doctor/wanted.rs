//! What the configuration asks of the machine.

use super::folders::Folders;
use super::machine::Machine;
use super::ports::{self, Port};
use downbeat_config::{Fault, Layers, Program, Snapshot, Sources, environment};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the audio comes from JACK.
    pub jack: bool,
    /// The name of the JACK server; empty for the usual one.
    pub server: String,
    /// The ports.
    pub ports: Vec<Port>,
    /// The folder that is written to.
    pub state: PathBuf,
    /// The file with the state of the show.
    pub state_file: Option<PathBuf>,
    /// The folder of keys, if it is named.
    pub keys: Option<PathBuf>,
    /// The private key of the page, if it has one.
    pub page_key: Option<PathBuf>,
    /// The highest real-time priority of a thread; 0 if none is wanted.
    pub priority: u64,
    /// Whether all memory is to be locked.
    pub locks_memory: bool,
}

impl Wanted {
    /// Reads a configuration with its drop-ins; without a file, the defaults.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(file: Option<PathBuf>, machine: &Machine) -> Result<Self, Fault> {
        let sources = Sources { file, environment: environment(), flags: Vec::new() };
        let all = read(&sources.snapshot()?, &sources)?;
        Ok(Self::of(&all, &Folders::of(machine)))
    }

    /// What can still be read of a configuration with a mistake: a file or a variable that has one is left out.
    pub fn read_rest(file: Option<PathBuf>, machine: &Machine) -> Self {
        let mut sources = Sources { file, ..Sources::default() };
        let mut files = Snapshot::default();
        for file in sources.snapshot().unwrap_or_default().0 {
            files.0.push(file);
            if read(&files, &sources).is_err() {
                files.0.pop();
            }
        }
        for variable in environment() {
            sources.environment.push(variable);
            if read(&files, &sources).is_err() {
                sources.environment.pop();
            }
        }
        Self::of(&read(&files, &sources).unwrap_or_default(), &Folders::of(machine))
    }

    fn of(all: &Value, folders: &Folders) -> Self {
        let text = |path: [&str; 2]| all[path[0]][path[1]].as_str().filter(|text| !text.is_empty());
        let path = |path: [&str; 2]| text(path).map(|text| folders.resolve(Path::new(text)));
        let (state_file, keys) = (path(["show", "state"]), path(["show", "keys"]));
        let folder = state_file.as_ref().and_then(|file| file.parent().map(PathBuf::from)).or_else(|| keys.clone());
        let threads = &all["threads"];
        Self {
            jack: text(["audio", "source"]) != Some("file"),
            server: text(["audio", "server"]).unwrap_or_default().to_owned(),
            ports: ports::of(all),
            state: folder.unwrap_or_else(|| folders.likeliest()),
            state_file,
            keys,
            page_key: path(["web", "key"]),
            // Outputs have one more than the hop.
            priority: threads["realtime"].as_u64().filter(|hop| *hop > 0).map_or(0, |hop| hop + 1),
            locks_memory: threads["lock-memory"].as_bool().unwrap_or(false),
        }
    }

    /// Whether other machines are to reach the daemon.
    pub fn serves_others(&self) -> bool {
        self.ports.iter().any(|port| !port.address.ip().is_loopback())
    }
}

/// All keys with their values.
fn read(files: &Snapshot, sources: &Sources) -> Result<Value, Fault> {
    Layers::of(Program::Daemon, files, sources)?.deserialize()
}

#[cfg(test)]
mod tests {
    use super::super::machine::made::machine;
    use super::*;

    fn numbers(wanted: &Wanted) -> Vec<(&str, u16, bool)> {
        wanted.ports.iter().map(|port| (port.table.as_str(), port.address.port(), port.udp)).collect()
    }

    #[test]
    fn ports_come_from_the_file_over_the_defaults_and_tables_that_are_off_have_none() {
        let text = "[show]\nstate = \"/srv/show/state.json\"\n[audio]\nsource = \"file\"\n[web]\nenabled = false\n\
                    [control.tablet]\nkind = \"osc\"\nlisten = \"0.0.0.0:9001\"\ntcp = false\n";
        let (_folder, machine) = machine(&[("downbeat.toml", text)]);
        let wanted = Wanted::read(Some(machine.path("downbeat.toml")), &machine).expect("valid");
        assert_eq!(numbers(&wanted), [("server", 9440, true), ("server", 9441, true), ("control.tablet", 9001, true)]);
        assert!(!wanted.jack && wanted.serves_others());
        assert_eq!(wanted.state, PathBuf::from("/srv/show"));
        assert_eq!((wanted.priority, wanted.locks_memory), (4, true), "as shipped");
        assert!(Wanted::read(Some("/no/such.toml".into()), &machine).is_err());
    }

    #[test]
    fn of_a_configuration_with_a_mistake_the_rest_is_read() {
        let (_folder, machine) = machine(&[
            ("downbeat.toml", "[web]\nlisten = \"127.0.0.1:8000\"\n[audio]\nsource = \"file\"\n"),
            ("downbeat.toml.d/friday.toml", "[web\nlisten = \"127.0.0.1:8001\"\n"),
        ]);
        let file = Some(machine.path("downbeat.toml"));
        assert!(Wanted::read(file.clone(), &machine).is_err());
        let web = ("web", 8000, false);
        assert_eq!(numbers(&Wanted::read_rest(file, &machine)).last(), Some(&web));
        // The defaults, where nothing can be read.
        let usual = numbers(&Wanted::read_rest(Some("/no/such.toml".into()), &machine)).len();
        assert_eq!(usual, 3, "server, clock, web");
    }
}
