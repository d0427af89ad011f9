//! The daemon's configuration: defaults < file < drop-ins < environment < flags.
//!
//! This module reads everything into types; unknown keys are errors. The owners of names that depend on each other
//! (signals in expressions, kinds of outputs) resolve them, and use [`Config::fault`] to report an error with file and
//! line.

mod difference;
mod last_good;
mod named_files;
mod sections;
mod show;

pub use difference::{Difference, Table};
pub use downbeat_config::{Fault, Flag, Snapshot, Sources};
pub use last_good::LastGood;
pub use named_files::NamedFiles;
pub use sections::{
    AudioConfig, BusConfig, MidiSourceConfig, PaceName, Peer, ServerConfig, ShowConfig, SourceName, StandbyConfig,
};

use crate::outputs::messages;
use crate::realtime::ThreadsConfig;
use downbeat_config::{Layers, Program};
use downbeat_engine::listener::bus_fields;
use downbeat_engine::{EngineConfig, Messages, Role};
use nix::sched::CpuSet;
use sections::Tables;

/// Maximum of `threads.realtime`: above are the kernel's own threads and sound servers.
const MOST_PRIORITY: u8 = 88;

/// The commented defaults.
pub const DEFAULTS: &str = Program::Daemon.defaults();

/// A whole configuration, checked as far as possible without the rest of the daemon.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[show]`.
    pub show: ShowConfig,
    /// `[standby]`.
    pub standby: StandbyConfig,
    /// `[audio]`.
    pub audio: AudioConfig,
    /// `[threads]`.
    pub threads: ThreadsConfig,
    /// The buses and the ports to connect to each, in row order: `main` first, the others by name.
    pub buses: Vec<(String, BusConfig)>,
    /// The sources of notes, by name.
    pub midi_sources: Vec<(String, MidiSourceConfig)>,
    /// The configuration of the engine.
    pub engine: EngineConfig,
    /// `[server]`; none if disabled.
    pub server: Option<ServerConfig>,
    /// `[web]`; none if disabled.
    pub web: Option<ServerConfig>,
    /// `[output.NAME]`, by name, without disabled ones.
    pub outputs: Vec<Peer>,
    /// `[control.NAME]`, by name, without disabled ones.
    pub controls: Vec<Peer>,
    layers: Layers,
}

impl Config {
    /// Reads all sources.
    pub fn load(sources: &Sources) -> Result<Self, Fault> {
        Self::read(Layers::read(Program::Daemon, sources)?)
    }

    /// The same with the files as they were.
    pub fn of(files: &Snapshot, sources: &Sources) -> Result<Self, Fault> {
        Self::read(Layers::of(Program::Daemon, files, sources)?)
    }

    /// Reads only a text over the defaults; `origin` names it in messages.
    pub fn parse(origin: &str, text: &str) -> Result<Self, Fault> {
        Self::read(Layers::over_defaults(Program::Daemon, origin, text)?)
    }

    fn read(layers: Layers) -> Result<Self, Fault> {
        let mut tables: Tables = layers.deserialize()?;
        let parameters = layers.named("parameter", tables.parameter)?;
        let server = sections::server(tables.server, &mut tables.output, &layers)?;
        let web = sections::web(tables.web, &layers)?;
        let cues = show::cues(tables.cue, &layers)?;
        let rules = show::rules(tables.rule, &layers)?;
        let named: Vec<String> = tables.output.keys().cloned().collect();
        let outputs = sections::peers("output", tables.output, &layers)?;
        let messages = |name: &String| outputs.iter().find(|peer| peer.name == *name).map(|peer| messages(&peer.kind));
        let messages = |name: String| (name.clone(), messages(&name).unwrap_or(Messages::Disabled));
        let controls = sections::peers("control", tables.control, &layers)?;
        let buses = sections::buses(&tables.audio, tables.bus);
        let midi_sources: Vec<_> = tables.midi_source.into_iter().collect();
        let engine = EngineConfig {
            buses: buses.iter().map(|(name, _)| name.clone()).collect(),
            roles: buses.iter().map(|(name, bus)| bus.role.unwrap_or(Role::of_bus(name))).collect(),
            fields: bus_fields(),
            note_sources: midi_sources.iter().map(|(name, _)| name.clone()).collect(),
            tempo: tables.tempo,
            layers: tables.layer,
            parameters,
            cues,
            rules,
            outputs: named.into_iter().map(messages).collect(),
            ..EngineConfig::default()
        };
        let config = Self {
            show: tables.show,
            standby: tables.standby,
            audio: tables.audio,
            threads: tables.threads,
            buses,
            midi_sources,
            engine,
            server,
            web,
            outputs,
            controls,
            layers,
        };
        config.check()?;
        Ok(config)
    }

    /// What is in force once this configuration was read while another one ran: the tables that need a restart are still
    /// those of the running one.
    pub fn as_far_as_live(self, running: &Self, engine: EngineConfig) -> Self {
        Self {
            show: ShowConfig { watch: self.show.watch, ..running.show.clone() },
            standby: running.standby.clone(),
            audio: running.audio.clone(),
            threads: running.threads.clone(),
            buses: running.buses.clone(),
            midi_sources: running.midi_sources.clone(),
            engine,
            ..self
        }
    }

    /// The files that its edges name: surfaces, the certificate of the page.
    pub fn named_files(&self) -> NamedFiles {
        let servers = self.web.iter().chain(&self.server).map(|table| &table.files);
        NamedFiles::all(servers.chain(self.controls.iter().map(|control| &control.files)))
    }

    /// An error in the value at a path of keys, with its place.
    pub fn fault(&self, path: &[String], problem: impl Into<String>) -> Fault {
        self.layers.fault(path, problem)
    }

    /// An error of the configuration library in the table at `prefix`, with its place.
    pub fn explain(&self, prefix: &str, error: config::ConfigError) -> Fault {
        self.layers.explain(prefix, error)
    }

    fn check(&self) -> Result<(), Fault> {
        let wrong = |path: &[&str], problem: String| Err(self.layers.fault(path, problem));
        if self.show.name.trim().is_empty() {
            return wrong(&["show", "name"], "the show needs a name".into());
        }
        let detection = self.standby.detection_ms;
        if !(40.0..=5000.0).contains(&detection) {
            let problem = format!("{detection} ms is out of range; choose 40 to 5000");
            return wrong(&["standby", "detection-ms"], problem);
        }
        if let Some(place) = self.standby.of.iter().find(|place| !place.contains(':')) {
            let problem = format!("`{place}` has no port: write host:port, as in the other daemon's [server] listen");
            return wrong(&["standby", "of"], problem);
        }
        let hop = self.audio.hop;
        if !(64..=1024).contains(&hop) {
            return wrong(&["audio", "hop"], format!("a hop of {hop} samples is out of range; choose 64 to 1024"));
        }
        if self.audio.client.trim().is_empty() {
            return wrong(&["audio", "client"], "the JACK client needs a name".into());
        }
        let priority = self.threads.realtime;
        if priority > MOST_PRIORITY {
            let problem =
                format!("{priority} is out of range; choose 0 to {MOST_PRIORITY}, below JACK's (10 by default)");
            return wrong(&["threads", "realtime"], problem);
        }
        if let Some(cpu) = self.threads.cpus.iter().find(|cpu| usize::from(**cpu) >= CpuSet::count()) {
            let problem = format!("there is no CPU {cpu}; `lscpu -e` lists them");
            return wrong(&["threads", "cpus"], problem);
        }
        if self.audio.source == SourceName::File && self.audio.files.is_empty() {
            let problem = "source is `file`, but `files` is empty; e.g. files = { main = \"song.wav\" }";
            return wrong(&["audio", "files"], problem.into());
        }
        for (name, source) in &self.midi_sources {
            if let Err((key, problem)) = source.check() {
                let path = ["midi-source", name, key];
                return wrong(if key.is_empty() { &path[..2] } else { &path }, problem);
            }
        }
        let range = self.engine.tempo.range;
        // The limits of the analysis; it refuses narrower ranges itself, with a clear message.
        let settings = downbeat_analysis::Settings { hop, tempo_range: (range[0], range[1]), ..Default::default() };
        match downbeat_analysis::Analyzer::new(&settings) {
            Ok(_) => Ok(()),
            Err(error) => wrong(&["tempo", "range"], error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
