//! The folders in which daemons run: relative paths of a configuration start there, and state and keys lie there.

use super::machine::Machine;
use std::path::{Path, PathBuf};

/// Where the daemon runs as the packaged service, and where one that root starts keeps its keys.
pub const SERVICE: &str = "/var/lib/downbeat";

/// The folders, most likely first.
#[derive(Clone, Debug, Default)]
pub struct Folders(Vec<PathBuf>);

impl Folders {
    /// Those of running daemons, of this person's session and of the service.
    pub fn of(machine: &Machine) -> Self {
        let daemons = machine.processes(&["downbeatd"]).into_iter();
        // Only its owner and root see where a process runs.
        let running = daemons.filter_map(|(number, _)| machine.path(&format!("/proc/{number}/cwd")).read_link().ok());
        Self(running.chain(usual()).collect())
    }

    /// Where a path leads.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        let places = || self.0.iter().map(|folder| folder.join(path));
        // Nobody else may look into the service's folder, so it is the likeliest one for what is seen nowhere.
        places().find(|place| place.exists()).unwrap_or_else(|| self.likeliest().join(path))
    }

    /// Where state and keys are kept if nobody names a place.
    pub fn likeliest(&self) -> PathBuf {
        let service = Path::new(SERVICE);
        let first = || self.0.first().map(PathBuf::as_path);
        if service.is_dir() { service } else { first().unwrap_or(service) }.to_owned()
    }
}

/// Those of a person's session and of the service.
pub fn usual() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = |beside: &str| variable("HOME").map(|home| home.join(beside));
    // systemd used the second one for state, too, until version 254.
    let state = variable("XDG_STATE_HOME").or_else(|| home(".local/state"));
    let config = variable("XDG_CONFIG_HOME").or_else(|| home(".config"));
    let own = [state, config].into_iter().flatten().map(|folder| folder.join("downbeat"));
    own.chain([SERVICE.into()]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::machine::made::machine;
    use super::*;

    #[test]
    fn a_relative_path_starts_where_the_daemon_runs_and_not_where_the_operator_stands() {
        let (_folder, machine) = machine(&[("proc/7/comm", "downbeatd\n"), ("srv/show/state.json", "{}")]);
        let runs = machine.path("/srv/show");
        std::os::unix::fs::symlink(&runs, machine.path("/proc/7/cwd")).expect("made");
        let folders = Folders::of(&machine);
        assert_eq!(folders.resolve(Path::new("state.json")), runs.join("state.json"));
        assert_eq!(folders.resolve(Path::new("/etc/state.json")), PathBuf::from("/etc/state.json"));
        assert!(folders.resolve(Path::new("no/such.json")).is_absolute());
    }
}
