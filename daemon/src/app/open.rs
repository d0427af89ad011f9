//! Opens what the configuration names: the audio source, the outputs, the controls.

use crate::clock::ShowClock;
use crate::config::{Config, PaceName, Peer, SourceName};
use crate::controls::{CONTROLS, Control, ControlContext};
use crate::dispatch::Health;
use crate::edges::OpenError;
use crate::exit::Failure;
use crate::inputs::notes::Notes;
use crate::midi_port::{In, Wanted, Watch};
use crate::outputs::policy::Policy;
use crate::outputs::{Jack, OUTPUTS, Output, OutputContext};
use crate::server::{self, Server, ServerContext};
use crate::status::Entry;
use crate::web::{Web, WebContext};
use crossbeam_channel::Sender;
use downbeat_audio::{BusInput, FileError, FileSettings, FileSource, JackSettings, JackSource, Pace, Source};
use downbeat_config::nearest::hint;
use downbeat_engine::Engine;
use downbeat_engine::notes::{NoteSource, Score};
use downbeat_protocol::{Command, Schema, ShowState, Status, Tree};
use std::sync::Arc;

/// The server, and the open outputs and controls, each with its name and kind.
#[derive(Default)]
pub(super) struct Opened {
    pub server: Option<Server>,
    pub web: Option<Web>,
    pub outputs: Vec<(Peer, Policy, Box<dyn Output>)>,
    pub controls: Vec<(Peer, Box<dyn Control>)>,
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
            let files = FileSource::open(file_settings(config)).map_err(|error| unreadable(config, &error))?;
            Ok((Box::new(files), None))
        }
    }
}

/// Shared by everything that is opened.
pub(super) struct Shared {
    /// The show clock.
    pub clock: ShowClock,
    /// The layout of every tick's row.
    pub schema: Arc<Schema>,
    /// The whole tree.
    pub tree: Arc<Tree>,
    /// The settings.
    pub state: Arc<ShowState>,
    /// The one door for commands.
    pub door: Sender<Command>,
    /// The JACK parts for outputs, if JACK is the source.
    pub jack: Option<Jack>,
}

impl Shared {
    /// For the parts of an engine.
    pub fn new(engine: &Engine, door: Sender<Command>, clock: ShowClock, jack: Option<Jack>) -> Self {
        let schema = engine.schema();
        let state = Arc::clone(engine.state());
        Self { clock, tree: Arc::new(Tree::new(&state, &schema, &Status::default())), state, schema, door, jack }
    }

    fn output(&self, name: &str) -> OutputContext {
        OutputContext {
            name: name.to_owned(),
            clock: self.clock.clone(),
            schema: Arc::clone(&self.schema),
            jack: self.jack.clone(),
        }
    }

    fn web(&self, server: &ServerContext, osc_port: Option<u16>) -> WebContext {
        WebContext {
            show: server.show.clone(),
            keys: server.keys.clone(),
            clock: self.clock.clone(),
            schema: Arc::clone(&self.schema),
            state: Arc::clone(&self.state),
            door: self.door.clone(),
            osc_port,
        }
    }

    fn control(&self, name: &str) -> ControlContext {
        ControlContext {
            name: name.to_owned(),
            clock: self.clock.clone(),
            schema: Arc::clone(&self.schema),
            tree: Arc::clone(&self.tree),
            door: self.door.clone(),
            leases: self.jack.as_ref().map(|jack| jack.leases.clone()),
        }
    }
}

/// Opens the servers and every output and control; reports all failures together.
pub(super) fn all(config: &Config, shared: &Shared, mut context: ServerContext) -> (Opened, Vec<Failure>) {
    let mut opened = Opened::default();
    let mut failures = Vec::new();
    for peer in &config.controls {
        let kinds = CONTROLS.iter().map(|known| (known.kind, known.open));
        match open(config, "control", peer, kinds, &shared.control(&peer.name)) {
            Ok(control) => opened.controls.push((peer.clone(), control)),
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(table) = &config.web {
        let osc_port = opened.controls.iter().find_map(|(_, control)| control.osc_port());
        let open = Web::open(table.table.clone(), shared.web(&context, osc_port));
        match open.map_err(|error| failure(config, &table.section, error)) {
            Ok(web) => {
                context.web = Some(web.place());
                opened.web = Some(web);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(table) = &config.server {
        if table.section != server::NAME {
            tracing::warn!("[{}] now is [server]: rename it, and remove `kind`", table.section);
        }
        let open = Server::open(table.table.clone(), context);
        match open.map_err(|error| failure(config, &table.section, error)) {
            Ok(server) => opened.server = Some(server),
            Err(failure) => failures.push(failure),
        }
    }
    for peer in &config.outputs {
        let mut peer = peer.clone();
        let policy = Policy::take(&mut peer.table);
        let policy = policy.map_err(|error| failure(config, &format!("output.{}", peer.name), error));
        let kinds = OUTPUTS.iter().map(|known| (known.kind, known.open));
        let output = open(config, "output", &peer, kinds, &shared.output(&peer.name));
        match policy.and_then(|policy| Ok((policy, output?))) {
            Ok((policy, output)) => opened.outputs.push((peer, policy, output)),
            Err(failure) => failures.push(failure),
        }
    }
    (opened, failures)
}

fn open<T: ?Sized, C>(
    config: &Config,
    section: &str,
    peer: &Peer,
    kinds: impl Iterator<Item = (&'static str, fn(config::Value, &C) -> Result<Box<T>, OpenError>)> + Clone,
    context: &C,
) -> Result<Box<T>, Failure> {
    let Some((_, open)) = kinds.clone().find(|(kind, _)| *kind == peer.kind) else {
        let hint = hint(&peer.kind, kinds.map(|(kind, _)| kind));
        let path = [section, &peer.name, "kind"].map(str::to_owned);
        return Err(config.fault(&path, format!("unknown kind of {section} `{}`; {hint}", peer.kind)).into());
    };
    open(peer.table.clone(), context).map_err(|error| failure(config, &format!("{section}.{}", peer.name), error))
}

/// An invalid table of a section, with its place.
fn failure(config: &Config, section: &str, error: OpenError) -> Failure {
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
        error @ OpenError::Io { .. } => Failure::Unavailable(place(&error.to_string()).to_string()),
    }
}

/// The sources of notes in the engine's order, and their ports.
#[derive(Default)]
pub(super) struct OpenedNotes {
    pub sources: Vec<NoteSource>,
    pub ports: Vec<Port>,
}

/// A port for notes.
pub(super) struct Port {
    /// Its name for the operator.
    pub entry: Entry,
    wanted: Wanted,
    input: In<Notes>,
}

impl Port {
    /// Starts looking for the port, and listens to it while the watch is kept.
    pub fn watch(self, jack: Option<&Jack>) -> Watch<In<Notes>> {
        let leases = jack.map(|jack| jack.leases.clone());
        Watch::start(&self.entry.name, self.wanted, self.input, leases, self.entry.health)
    }
}

/// Reads the MIDI files. Ports are found later: an absent one is not a failure.
pub(super) fn notes(config: &Config) -> Result<OpenedNotes, Failure> {
    let mut opened = OpenedNotes::default();
    for (name, table) in &config.midi_sources {
        let channel = table.channel.map(|channel| channel.saturating_sub(1));
        if let Some(file) = &table.file {
            let score = std::fs::read(file).map_err(|error| format!("cannot read it: {error}"));
            let score = score.and_then(|bytes| Score::parse(&bytes).map_err(|error| error.to_string()));
            let unreadable = |why: String| {
                let path = ["midi-source", name, "file"].map(str::to_owned);
                Failure::NoInput(config.fault(&path, format!("{}: {why}", file.display())).to_string())
            };
            opened.sources.push(NoteSource::score(score.map_err(unreadable)?, channel));
        } else if let Some(port) = &table.port {
            let (source, arrivals) = NoteSource::arriving(channel);
            let health = Arc::new(Health::default());
            let input = In(Notes { arrivals, health: Arc::clone(&health) });
            let entry = Entry { name: name.clone(), kind: "midi-source".into(), place: port.clone(), health };
            let wanted = Wanted::from(port.clone());
            opened.sources.push(source);
            opened.ports.push(Port { entry, wanted, input });
        }
    }
    Ok(opened)
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
        midi_out: config.outputs.iter().any(|peer| peer.kind == "midi"),
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
