//! A real daemon with the test's own configuration.

use crate::binaries::binary;
use crate::network::Host;
use crate::port::free_port;
use crate::{JackServer, Process};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A running `downbeatd`.
pub struct Daemon {
    /// Its process.
    pub process: Process,
    config: PathBuf,
    server: Option<String>,
    host: Option<String>,
    _directory: TempDir,
}

impl Daemon {
    /// Starts it with the text of a configuration and waits until it says that it is ready.
    pub fn start(config: &str, server: Option<&JackServer>) -> Self {
        let directory = TempDir::new().expect("a directory of the test's own");
        let path = directory.path().join("downbeat.toml");
        std::fs::write(&path, config).expect("a directory of the test's own can be written");
        Self::start_file(&path, server, None, directory)
    }

    /// The same on a host of its own.
    pub fn start_on(host: &Host, config: &str, server: Option<&JackServer>) -> Self {
        let directory = TempDir::new().expect("a directory of the test's own");
        let path = directory.path().join("downbeat.toml");
        std::fs::write(&path, config).expect("a directory of the test's own can be written");
        Self::start_file(&path, server, Some(host), directory)
    }

    /// Starts it with a shipped configuration file; `sets` are `key=value` overrides.
    pub fn start_shipped(file: &Path, sets: &[String], server: Option<&JackServer>) -> Self {
        let directory = TempDir::new().expect("a directory of the test's own");
        let copy = directory.path().join("downbeat.toml");
        std::fs::copy(file, &copy).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let drop_in = directory.path().join("downbeat.toml.d");
        std::fs::create_dir(&drop_in).expect("a directory of the test's own can be written");
        std::fs::write(drop_in.join("test.toml"), sets.join("\n"))
            .expect("a directory of the test's own can be written");
        Self::start_file(&copy, server, None, directory)
    }

    fn start_file(config: &Path, server: Option<&JackServer>, host: Option<&Host>, directory: TempDir) -> Self {
        let (server, host) = (server.map(|server| server.name.clone()), host.map(|host| host.name().to_owned()));
        let process = spawn(config, server.as_deref(), host.as_deref());
        let daemon = Self { process, config: config.into(), server, host, _directory: directory };
        daemon.process.wait_for_line("downbeatd: ready", Duration::from_secs(10));
        daemon
    }

    /// Starts it again with the same configuration, after it was killed.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = spawn(&self.config, self.server.as_deref(), self.host.as_deref());
    }
}

fn spawn(config: &Path, server: Option<&str>, host: Option<&str>) -> Process {
    let program = binary("downbeatd");
    let mut command = host.map_or_else(|| Command::new(&program), |host| Host::command_on(host, &program));
    command.arg("--config").arg(config);
    // The defaults serve nodes and browsers on fixed ports, which another daemon on this machine may have.
    let text = std::fs::read_to_string(config).unwrap_or_default();
    for table in ["server", "web"] {
        if !text.contains(&format!("[{table}]")) {
            command.args(["--set", &format!("{table}.listen=127.0.0.1:{}", free_port())]);
        }
    }
    if let Some(server) = server {
        command.env("JACK_DEFAULT_SERVER", server);
    }
    Process::start("downbeatd", &mut command)
}
