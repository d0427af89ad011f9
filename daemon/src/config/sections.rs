//! The tables of a configuration.

use super::named_files::NamedFiles;
use crate::realtime::ThreadsConfig;
use config::ValueKind;
use downbeat_config::nearest::by_name;
use downbeat_config::{Fault, Layers, Value};
use downbeat_engine::{LayerConfig, Role, TempoConfig};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole file. Tables with free names or shapes stay values until their owner reads them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Tables {
    pub show: ShowConfig,
    pub standby: StandbyConfig,
    pub audio: AudioConfig,
    pub threads: ThreadsConfig,
    pub tempo: TempoConfig,
    #[serde(default)]
    pub bus: BTreeMap<String, BusConfig>,
    #[serde(default)]
    pub midi_source: BTreeMap<String, MidiSourceConfig>,
    #[serde(default)]
    pub parameter: BTreeMap<String, Value>,
    #[serde(default)]
    pub layer: Vec<LayerConfig>,
    pub server: Value,
    pub web: Value,
    #[serde(default)]
    pub cue: BTreeMap<String, Value>,
    #[serde(default)]
    pub rule: BTreeMap<String, Value>,
    #[serde(default)]
    pub output: BTreeMap<String, Value>,
    #[serde(default)]
    pub control: BTreeMap<String, Value>,
}

/// `[show]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowConfig {
    /// The show's name.
    pub name: String,
    /// The file for its state; none if empty.
    pub state: String,
    /// The folder of keys; the default one if empty.
    pub keys: String,
    /// Read the configuration again when its file changes.
    pub watch: bool,
}

/// `[standby]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StandbyConfig {
    /// Other daemons of the show, `host:port`. With any, this daemon stands by.
    pub of: Vec<String>,
    /// Milliseconds of silence after which the leader is considered dead, 40 to 5000.
    pub detection_ms: f64,
    /// Takes the lead back once it is ready, after another daemon took over.
    pub preferred: bool,
    /// Follow daemons on other machines without verifying them.
    pub allow_unpaired: bool,
}

/// `[audio]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AudioConfig {
    /// Where audio comes from.
    pub source: SourceName,
    /// Samples per hop, 64 to 1024.
    pub hop: usize,
    /// Our name among JACK's clients.
    pub client: String,
    /// The JACK server's name; the default one if empty.
    pub server: String,
    /// With the source `file`: one file per bus.
    #[serde(default)]
    pub files: BTreeMap<String, PathBuf>,
    /// With the source `file`: the pace.
    pub pace: PaceName,
    /// With the source `file`: loop.
    pub repeat: bool,
}

/// Where audio comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SourceName {
    /// A JACK server.
    Jack,
    /// Audio files.
    File,
}

impl TryFrom<String> for SourceName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("source", &name, &[("jack", Self::Jack), ("file", Self::File)])
    }
}

/// The pace of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum PaceName {
    /// In real time.
    RealTime,
    /// As fast as the machine can.
    Fast,
}

impl TryFrom<String> for PaceName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("pace", &name, &[("real-time", Self::RealTime), ("fast", Self::Fast)])
    }
}

/// `[bus.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct BusConfig {
    /// Names or patterns of the ports to connect.
    pub connect: Vec<String>,
    /// Its role; by default from its name.
    pub role: Option<Role>,
}

/// `[midi-source.NAME]`: a port or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MidiSourceConfig {
    /// `jack` for the daemon's own port, or another port by its name, a part of it, or a pattern with `*`.
    pub port: Option<String>,
    /// A Standard MIDI File.
    pub file: Option<PathBuf>,
    /// The channel to listen to, 1 to 16; all without one.
    pub channel: Option<u8>,
}

impl MidiSourceConfig {
    /// The first error: the key, empty for the whole table, and the problem.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.port.is_some() == self.file.is_some() {
            return Err(("", "set either `port` or `file`".into()));
        }
        if self.port.as_ref().is_some_and(|port| port.trim().is_empty()) {
            return Err(("port", "port is empty; use `jack` or the name of a MIDI port".into()));
        }
        match self.channel {
            Some(channel) if !(1..=16).contains(&channel) => {
                Err(("channel", format!("{channel} is not a MIDI channel; use 1 to 16")))
            }
            _ => Ok(()),
        }
    }
}

/// `[output.NAME]` or `[control.NAME]`; the kind reads all keys except `kind` and `enabled`.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The rest of its table.
    pub table: Value,
    /// The content of the files that it names: with another one, it is another table.
    pub(super) files: NamedFiles,
}

/// `[server]` or `[web]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// The path of the table: `server`, `web`, or `output.NAME` as older configurations have it.
    pub section: String,
    /// The table, without `enabled`.
    pub table: Value,
    /// The content of the files that it names: with another one, it is another table.
    pub(super) files: NamedFiles,
}

/// The kind of the server in older configurations.
const AS_OUTPUT: (&str, &str) = ("nodes", "quic");

/// `[server]`, unless disabled. Older configurations have an output of kind `quic`: moves it from the outputs into this
/// table.
pub(super) fn server(
    table: Value,
    outputs: &mut BTreeMap<String, Value>,
    layers: &Layers,
) -> Result<Option<ServerConfig>, Fault> {
    let is_server = |(name, output): (&String, &Value)| {
        let ValueKind::Table(table) = &output.kind else { return false };
        match table.get("kind") {
            Some(kind) => kind.clone().into_string().is_ok_and(|kind| kind == AS_OUTPUT.1),
            None => name == AS_OUTPUT.0,
        }
    };
    let as_outputs: Vec<String> =
        outputs.iter().filter(|output| is_server(*output)).map(|(name, _)| name.clone()).collect();
    if let [first, second, ..] = &as_outputs[..] {
        let path = ["output", second, "kind"].map(str::to_owned);
        let problem = format!(
            "there can be only one server, and `output.{first}` already defines it; use [server] instead of both"
        );
        return Err(layers.fault(&path, problem));
    }
    let as_output = as_outputs.first().and_then(|name| Some((format!("output.{name}"), outputs.remove(name)?)));
    let origin = table.origin().map(str::to_owned);
    let mut merged = table_at("server", table, layers)?;
    let section = match as_output {
        None => "server".to_owned(),
        Some((section, output)) => {
            merged.extend(table_at(&section, output, layers)?);
            merged.remove("kind");
            section
        }
    };
    let enabled = enabled(&section, &mut merged, layers)?;
    let files = NamedFiles::default();
    Ok(enabled.then(|| ServerConfig { section, table: Value::new(origin.as_ref(), ValueKind::Table(merged)), files }))
}

/// `[web]`, unless disabled.
pub(super) fn web(table: Value, layers: &Layers) -> Result<Option<ServerConfig>, Fault> {
    let origin = table.origin().map(str::to_owned);
    let mut table = table_at("web", table, layers)?;
    let enabled = enabled("web", &mut table, layers)?;
    let files = NamedFiles::of(&table, &["certificate", "key"]);
    let table = Value::new(origin.as_ref(), ValueKind::Table(table));
    Ok(enabled.then(|| ServerConfig { section: "web".into(), table, files }))
}

/// The keys of a table.
fn table_at(section: &str, value: Value, layers: &Layers) -> Result<config::Map<String, Value>, Fault> {
    match value.kind {
        ValueKind::Table(table) => Ok(table),
        _ => Err(layers.fault(&keys(section), format!("expected a table: [{section}]"))),
    }
}

/// Whether a table is enabled; it is by default.
fn enabled(section: &str, table: &mut config::Map<String, Value>, layers: &Layers) -> Result<bool, Fault> {
    let enabled = table.remove("enabled").map_or(Ok(true), Value::into_bool);
    let path = || keys(section).into_iter().chain(["enabled".to_owned()]).collect::<Vec<_>>();
    enabled.map_err(|_| layers.fault(&path(), "expected true or false"))
}

fn keys(section: &str) -> Vec<String> {
    section.split('.').map(str::to_owned).collect()
}

/// The buses in row order. With files, those with a file.
pub(super) fn buses(audio: &AudioConfig, mut tables: BTreeMap<String, BusConfig>) -> Vec<(String, BusConfig)> {
    if audio.source == SourceName::File && !audio.files.is_empty() {
        tables = audio.files.keys().map(|name| (name.clone(), tables.remove(name).unwrap_or_default())).collect();
    }
    let mut buses: Vec<_> = tables.into_iter().collect();
    buses.sort_by_key(|(name, _)| name != "main");
    buses
}

/// What senders are called that are no control: pages, connections, rules and cues. What they may do goes by that.
const RESERVED: [&str; 4] = ["web", "quic", "rule", "cue"];

/// The enabled tables under `section`.
pub(super) fn peers(section: &str, tables: BTreeMap<String, Value>, layers: &Layers) -> Result<Vec<Peer>, Fault> {
    let mut peers = Vec::new();
    for (name, table) in tables {
        let path = |key: &str| [section, &name, key].map(str::to_owned);
        let at = format!("{section}.{name}");
        let origin = table.origin().map(str::to_owned);
        let mut table = table_at(&at, table, layers)?;
        let enabled = enabled(&at, &mut table, layers)?;
        if section == "control" && RESERVED.contains(&name.as_str()) {
            let problem = format!("a control cannot be called `{name}`: the log calls others so; choose another name");
            return Err(layers.fault(&path("")[..2], problem));
        }
        let Some(kind) = table.remove("kind") else {
            let problem = "`kind` is missing, e.g. kind = \"osc\"";
            return Err(layers.fault(&path("")[..2], problem));
        };
        let kind = kind.into_string().map_err(|_| layers.fault(&path("kind"), "expected a string"))?;
        if enabled {
            let files = NamedFiles::of(&table, &["surface"]);
            peers.push(Peer { name, kind, table: Value::new(origin.as_ref(), ValueKind::Table(table)), files });
        }
    }
    Ok(peers)
}
