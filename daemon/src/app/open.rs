//! Opens what the configuration names: the audio source, the outputs, the controls.

use super::edge::{Edge, Open, Opener};
use super::loops;
use crate::clock::ShowClock;
use crate::config::{Config, PaceName, Peer, ServerConfig, SourceName};
use crate::controls::echoes::Echoes;
use crate::controls::{CONTROLS, ControlContext};
use crate::dispatch::{Audible, Fanout, Health};
use crate::door::Door;
use crate::edges::OpenError;
use crate::edges::osc_ports::OscPorts;
use crate::exit::Failure;
use crate::outputs::policy::{Keeper, Policy};
use crate::outputs::{Jack, OUTPUTS, OutputContext, runner};
use crate::server::{self, Server, ServerContext};
use crate::status::{Entry, Section, Telemetry};
use crate::web::{self, Page, Web, WebContext};
use downbeat_audio::{
    BusInput, FileError, FileSettings, FileSource, JackSettings, JackSource, Pace, PatientFiles, Source,
};
use downbeat_config::nearest::hint;
use downbeat_engine::{Engine, Kept};
use downbeat_protocol::{Schema, ShowState, Status, Tree};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// The names that a table may use.
#[derive(Clone)]
pub(super) struct Names {
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// The whole tree.
    pub tree: Arc<Tree>,
}

impl Names {
    /// Those of a state and a layout.
    pub fn of(state: &ShowState, schema: Arc<Schema>) -> Self {
        Self { tree: Arc::new(Tree::new(state, &schema, &Status::default())), schema }
    }
}

/// An edge before its thread starts, and its place in the status.
pub(super) struct Prepared {
    pub edge: Edge,
    /// Its table.
    pub section: String,
    pub entry: Entry,
    /// The name of its thread.
    pub thread: String,
    pub audible: Audible,
}

/// The audio source, and the JACK parts for outputs, if JACK is the source. An absent JACK server is not a failure.
pub(super) fn source(config: &Config) -> Result<(Box<dyn Source>, Option<Jack>), Failure> {
    match config.audio.source {
        SourceName::Jack => {
            let jack = JackSource::open(jack_settings(config));
            let shared = Jack { midi: jack.midi(), leases: jack.leases() };
            Ok((Box::new(jack), Some(shared)))
        }
        SourceName::File => {
            let files = PatientFiles::open(file_settings(config)).map_err(|error| unreadable(config, &error))?;
            Ok((Box::new(files), None))
        }
    }
}

/// Refuses audio files that cannot be played. One that is missing is waited for: it may be on a stick.
pub(super) fn check_files(config: &Config) -> Result<(), Failure> {
    if config.audio.source != SourceName::File {
        return Ok(());
    }
    match FileSource::open(file_settings(config)) {
        Ok(_) | Err(FileError::Read { .. }) => Ok(()),
        Err(error) => Err(unreadable(config, &error)),
    }
}

/// Shared by everything that is opened, now or later. Clones share it.
#[derive(Clone)]
pub(super) struct Shared {
    /// The receivers of ticks and events.
    pub fanout: Fanout,
    /// The names of the configuration in force.
    names: Arc<Mutex<Names>>,
    /// The settings at the start.
    begun: Arc<ShowState>,
    /// Whether the settings are stored for the next start.
    is_stored: bool,
    /// The JACK parts for outputs, if JACK is the source.
    pub jack: Option<Jack>,
    /// What the server works with.
    pub server: ServerContext,
    /// The port of the server; 0 without one.
    pub server_port: Arc<AtomicU16>,
    /// Where controls take OSC.
    pub osc_ports: OscPorts,
    /// What controls and pages were told lately.
    echoes: Echoes,
    /// What outputs tell instead of a parameter's value.
    kept: Kept,
    /// The figures of the daemon.
    pub telemetry: Telemetry,
    /// Where the page is served.
    pub page: Page,
}

impl Shared {
    /// For the parts of an engine.
    pub fn new(
        engine: &Engine,
        server: ServerContext,
        jack: Option<Jack>,
        telemetry: Telemetry,
        is_stored: bool,
    ) -> Self {
        let page = Page::default();
        Self {
            fanout: Fanout::default(),
            names: Arc::new(Mutex::new(Names::of(engine.state(), engine.schema()))),
            begun: Arc::clone(engine.state()),
            is_stored,
            jack,
            server: ServerContext { web: page.clone(), ..server },
            server_port: Arc::default(),
            osc_ports: OscPorts::default(),
            echoes: Echoes::default(),
            kept: engine.kept(),
            telemetry,
            page,
        }
    }

    /// The names in force now, with the layout of the rows that are sent now.
    pub fn names(&self) -> Names {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Names { schema: self.fanout.schema().unwrap_or(names.schema), ..names }
    }

    /// Other names are in force from now on.
    pub fn set_names(&self, names: Names) {
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// The settings now.
    fn state(&self) -> Arc<ShowState> {
        self.fanout.state().unwrap_or_else(|| Arc::clone(&self.begun))
    }

    /// The settings with which the daemon would start again: what was made on stage is only there if it is stored.
    pub fn state_at_next_start(&self) -> Arc<ShowState> {
        if self.is_stored { self.state() } else { Arc::clone(&self.begun) }
    }

    /// Where other daemons will find the server, once it is there.
    pub fn expect_server(&self, config: &Config) {
        let port = config.server.as_ref().and_then(|table| Server::wanted_port(table.table.clone()).ok());
        self.server_port.store(port.unwrap_or(0), Relaxed);
    }

    fn clock(&self) -> ShowClock {
        self.server.clock.clone()
    }

    fn door(&self) -> Door {
        self.server.door.clone()
    }

    fn output(&self, name: &str, names: Names) -> OutputContext {
        OutputContext {
            name: name.to_owned(),
            clock: self.clock(),
            schema: names.schema,
            osc_ports: self.osc_ports.clone(),
            jack: self.jack.clone(),
        }
    }

    fn server(&self, names: Names) -> ServerContext {
        ServerContext { schema: names.schema, ..self.server.clone() }
    }

    fn web(&self, names: Names) -> WebContext {
        WebContext {
            show: self.server.show.clone(),
            keys: self.server.keys.clone(),
            clock: self.clock(),
            schema: names.schema,
            state: self.state(),
            door: self.door(),
            echoes: self.echoes.clone(),
            osc_ports: self.osc_ports.clone(),
            telemetry: self.telemetry.clone(),
        }
    }

    fn control(&self, name: &str, names: Names) -> ControlContext {
        ControlContext {
            name: name.to_owned(),
            clock: self.clock(),
            schema: names.schema,
            tree: names.tree,
            door: self.door(),
            echoes: self.echoes.clone(),
            osc_ports: self.osc_ports.clone(),
            leases: self.jack.as_ref().map(|jack| jack.leases.clone()),
        }
    }
}

/// What an edge is opened with: the first time with the names of the configuration that is about to be in force, later
/// with those that are.
struct Opening {
    shared: Shared,
    coming: Mutex<Option<Names>>,
}

impl Opening {
    fn new(shared: &Shared, coming: &Names) -> Self {
        Self { shared: shared.clone(), coming: Mutex::new(Some(coming.clone())) }
    }

    fn names(&self) -> Names {
        let coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner).take();
        coming.unwrap_or_else(|| self.shared.names())
    }
}

/// Opens the servers and every output and control; reports all failures together. What may only be opened later is no
/// failure.
pub(super) fn all(config: &Config, shared: &Shared) -> (Vec<Prepared>, Vec<Failure>) {
    let names = &shared.names();
    let controls = config.controls.iter().map(|peer| control(config, shared, names, peer));
    let web = config.web.iter().map(|table| web(config, shared, names, table));
    let server = config.server.iter().map(|table| server(config, shared, names, table));
    let outputs = config.outputs.iter().map(|peer| output(config, shared, names, peer));
    shared.expect_server(config);
    let mut prepared = Vec::new();
    let mut failures = loops::failures(config);
    for edge in controls.chain(web).chain(server).chain(outputs) {
        match edge {
            Ok(edge) => prepared.push(edge),
            Err(failure) => failures.push(failure),
        }
    }
    (prepared, failures)
}

/// Opens an output, of a configuration with these names.
pub(super) fn output(config: &Config, shared: &Shared, names: &Names, peer: &Peer) -> Result<Prepared, Failure> {
    let kind = kind(config, "output", peer, OUTPUTS, |known| known.kind)?;
    let (peer, opening, health) = (peer.clone(), Opening::new(shared, names), Arc::new(Health::default()));
    let theirs = Arc::clone(&health);
    let name = peer.name.clone();
    let opener: Opener = Box::new(move || {
        let (mut table, names) = (peer.table.clone(), opening.names());
        let keeper = Keeper::new(Policy::take(&mut table)?, &names.schema, opening.shared.kept.clone());
        let output = (kind.open)(table, &opening.shared.output(&peer.name, names))?;
        theirs.set_place(output.target());
        let name = peer.name.clone();
        let run: Open = Box::new(move |feed, health| runner::run(&name, output, keeper, feed, health));
        Ok(run)
    });
    let entry = Entry { section: Section::Outputs, name: name.clone(), kind: kind.kind.into(), health };
    prepare(config, &format!("output.{name}"), opener, entry, format!("out:{name}"), kind.audible)
}

/// Opens a control, of a configuration with these names.
pub(super) fn control(config: &Config, shared: &Shared, names: &Names, peer: &Peer) -> Result<Prepared, Failure> {
    let kind = kind(config, "control", peer, CONTROLS, |known| known.kind)?;
    let (peer, opening, health) = (peer.clone(), Opening::new(shared, names), Arc::new(Health::default()));
    let theirs = Arc::clone(&health);
    let name = peer.name.clone();
    let opener: Opener = Box::new(move || {
        let control = (kind.open)(peer.table.clone(), &opening.shared.control(&peer.name, opening.names()))?;
        theirs.set_place(control.listens());
        let (name, ports) = (peer.name.clone(), opening.shared.osc_ports.clone());
        let run: Open = Box::new(move |feed, health| {
            control.osc_place().into_iter().for_each(|place| ports.enter(&name, place));
            control.run(feed, health);
        });
        Ok(run)
    });
    let entry = Entry { section: Section::Controls, name: name.clone(), kind: kind.kind.into(), health };
    prepare(config, &format!("control.{name}"), opener, entry, format!("in:{name}"), Audible::Always)
}

/// Opens the page, of a configuration with these names.
pub(super) fn web(config: &Config, shared: &Shared, names: &Names, table: &ServerConfig) -> Result<Prepared, Failure> {
    let (opening, health, section) = (Opening::new(shared, names), Arc::new(Health::default()), table.section.clone());
    let (theirs, table) = (Arc::clone(&health), table.table.clone());
    let opener: Opener = Box::new(move || {
        let web = Web::open(table.clone(), opening.shared.web(opening.names()))?;
        theirs.set_place(web.place().to_string());
        let page = opening.shared.page.clone();
        let run: Open = Box::new(move |feed, health| {
            page.set(Some(web.place()));
            web.run(feed, health);
        });
        Ok(run)
    });
    let entry = Entry { section: Section::Page, name: web::NAME.into(), kind: "web".into(), health };
    prepare(config, &section, opener, entry, web::NAME.into(), Audible::Always)
}

/// Opens the server, of a configuration with these names.
pub(super) fn server(
    config: &Config,
    shared: &Shared,
    names: &Names,
    table: &ServerConfig,
) -> Result<Prepared, Failure> {
    if table.section != server::NAME {
        tracing::warn!("[{}] now is [server]: rename it, and remove `kind`", table.section);
    }
    let (opening, health, section) = (Opening::new(shared, names), Arc::new(Health::default()), table.section.clone());
    let (theirs, table) = (Arc::clone(&health), table.table.clone());
    let opener: Opener = Box::new(move || {
        let server = Server::open(table.clone(), opening.shared.server(opening.names()))?;
        theirs.set_place(server.place());
        let port = Arc::clone(&opening.shared.server_port);
        let run: Open = Box::new(move |feed, health| {
            port.store(server.port(), Relaxed);
            server.run(feed, health);
        });
        Ok(run)
    });
    let entry = Entry { section: Section::Server, name: server::NAME.into(), kind: "quic".into(), health };
    prepare(config, &section, opener, entry, server::NAME.into(), Audible::Always)
}

fn prepare(
    config: &Config,
    section: &str,
    opener: Opener,
    entry: Entry,
    thread: String,
    audible: Audible,
) -> Result<Prepared, Failure> {
    let edge = Edge::open(&entry.name, opener, Arc::clone(&entry.health));
    let edge = edge.map_err(|error| failure(config, section, error))?;
    Ok(Prepared { edge, section: section.to_owned(), entry, thread, audible })
}

/// The kind of a table.
fn kind<'a, K>(
    config: &Config,
    section: &str,
    peer: &Peer,
    kinds: &'a [K],
    name: fn(&K) -> &'static str,
) -> Result<&'a K, Failure> {
    kinds.iter().find(|known| name(known) == peer.kind).ok_or_else(|| {
        let hint = hint(&peer.kind, kinds.iter().map(name));
        let path = [section, &peer.name, "kind"].map(str::to_owned);
        config.fault(&path, format!("unknown kind of {section} `{}`; {hint}", peer.kind)).into()
    })
}

/// An invalid table of a section, with its place.
pub(super) fn failure(config: &Config, section: &str, error: OpenError) -> Failure {
    let path: Vec<String> = section.split('.').map(str::to_owned).collect();
    let place = |text: &str| {
        let text = text.strip_prefix(&format!("{section}: ")).unwrap_or(text);
        config.fault(&path, text.to_owned())
    };
    match error {
        OpenError::Config(error) => config.explain(section, error).into(),
        OpenError::Value(text) => place(&text).into(),
        OpenError::Within { key, error } => failure(config, &format!("{section}.{key}"), *error),
        OpenError::File(fault) => fault.into(),
        error @ OpenError::Io { .. } => place(&error.to_string()).into(),
    }
}

fn jack_settings(config: &Config) -> JackSettings {
    let audio = &config.audio;
    JackSettings {
        client: audio.client.clone(),
        server: (!audio.server.is_empty()).then(|| audio.server.clone()),
        buses: config
            .buses
            .iter()
            .map(|(name, bus)| BusInput { name: name.clone(), connect: bus.connect.clone() })
            .collect(),
    }
}

fn file_settings(config: &Config) -> FileSettings {
    let audio = &config.audio;
    FileSettings {
        buses: config
            .buses
            .iter()
            .filter_map(|(name, _)| Some((name.clone(), audio.files.get(name)?.clone())))
            .collect(),
        pace: match audio.pace {
            PaceName::RealTime => Pace::RealTime,
            PaceName::Fast => Pace::Fast,
        },
        repeat: audio.repeat,
    }
}

fn unreadable(config: &Config, error: &FileError) -> Failure {
    let path = ["audio", "files"].map(str::to_owned);
    Failure::NoInput(config.fault(&path, error.to_string()).to_string())
}
