//! Assembles and shuts down the daemon. Wiring only: the logic and the I/O are elsewhere.

mod open;
mod rig;

use crate::board::Board;
use crate::clock::ShowClock;
use crate::config::{Config, PaceName, SourceName};
use crate::dispatch::Fanout;
use crate::exit::Failure;
use crate::hop::Hop;
use crate::inputs::notes::Notes;
use crate::keeper::Keeper;
use crate::midi_port::{In, Watch};
use crate::saved::{Saved, boot, random};
use crate::server::clients::ClientList;
use crate::server::keys::Keys;
use crate::server::peers::{GossipSender, Leadership, PartSlot, Standby};
use crate::server::{Ports, Server, ServerContext};
use crate::status::{Reporter, tell_service_manager};
use crate::threads::Threads;
use crossbeam_channel::{Receiver, Sender, bounded, select};
use downbeat_analysis::Settings;
use downbeat_engine::Engine;
use downbeat_engine::election::{self, Begin};
use downbeat_engine::listener::Listener;
use downbeat_protocol::status::Bus;
use downbeat_protocol::tree::Description;
use downbeat_protocol::{ShowState, Status};
use open::Shared;
use rig::Rig;
use sd_notify::NotifyState;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Capacity of the command queue, which the hop thread empties every few milliseconds.
const DOOR: usize = 1024;
/// How long threads may take to stop.
const GOODBYE: Duration = Duration::from_secs(2);
/// The thread without which there is no show.
const HOP: &str = "hop";

/// Checks a configuration by opening and closing everything in it. A port in use, for example by a running daemon, is
/// not an error of the configuration.
pub fn check(config: &Config) -> Result<(), Failure> {
    let engine = engine(config, None)?;
    if config.audio.source == SourceName::File {
        open::source(config)?;
    }
    open::notes(config)?;
    let shared = Shared::new(&engine, bounded(1).0, ShowClock::default(), None);
    let leadership = Leadership::alone(0);
    let server = server(config, &shared, leadership, GossipSender::new().0, keys(config)?);
    let (_, mut failures) = open::all(config, &shared, server);
    failures.retain(|failure| !matches!(failure, Failure::Unavailable(_)));
    Failure::all(failures).map_or(Ok(()), Err)
}

/// The show of a configuration, without opening anything.
pub fn describe(config: &Config) -> Result<Description, Failure> {
    let engine = engine(config, None)?;
    let buses = config.buses.iter().map(|(name, _)| Bus { name: name.clone(), ..Bus::default() }).collect();
    let status = Status { show: config.show.name.clone(), buses, ..Status::default() };
    Ok(Description { state: ShowState::clone(engine.state()), schema: (*engine.schema()).clone(), status })
}

/// Runs the daemon until `stop`. Calls `ready` once everything is open.
pub fn run(config: &Config, stop: &Receiver<()>, ready: impl FnOnce()) -> Result<(), Failure> {
    let daemon = Daemon::start(config)?;
    ready();
    tell_service_manager(&[NotifyState::Ready]);
    daemon.attend(stop)
}

/// A daemon whose threads run.
struct Daemon {
    threads: Threads,
    fanout: Fanout,
    /// Set to end the hop thread.
    stop_hop: Arc<AtomicBool>,
    /// Dropped to end the reporter and the standby.
    stop_reporter: Sender<()>,
    /// Dropped to release the MIDI ports of notes.
    note_ports: Vec<Watch<In<Notes>>>,
}

impl Daemon {
    fn start(config: &Config) -> Result<Self, Failure> {
        let boot = boot();
        let state_file = (!config.show.state.is_empty()).then(|| PathBuf::from(&config.show.state));
        let saved = state_file.as_ref().map_or_else(|| Saved::new(&boot), |path| Saved::load(path, &boot));
        let clock = ShowClock::new(saved.offset);
        let mut engine = engine(config, Some(saved.state.clone()))?;
        if let Some(line) = saved.fresh_timeline(clock.now()) {
            engine.resume(line, clock.now());
        }

        let notes = open::notes(config)?;
        let (source, jack) = open::source(config)?;
        let (door, commands) = bounded(DOOR);
        let (gossip, gossip_in) = GossipSender::new();
        let begin = begin(config, &saved);
        let leadership = Leadership::new(random(), saved.epoch, saved.term, begin == Begin::Alone);
        config.standby.of.iter().chain(&saved.partners).for_each(|place| {
            leadership.add_partner(place);
        });
        let election = election::Settings {
            id: leadership.run(),
            term: saved.term,
            begin,
            detection: Duration::from_secs_f64(config.standby.detection_ms * 1e-3),
            preferred: config.standby.preferred,
        };
        let keys = keys(config)?;
        let shared = Shared::new(&engine, door, clock.clone(), jack.clone());
        let server = server(config, &shared, leadership.clone(), gossip, keys.clone());
        let clients = server.clients.clone();
        let (opened, failures) = open::all(config, &shared, server);
        if let Some(failure) = Failure::all(failures) {
            return Err(failure);
        }

        // Where other daemons find this one's clients, if it serves any.
        let port = opened.server.as_ref().map_or(0, Server::port);
        let mut rig = Rig::default();
        let keeper = state_file.map(|path| Keeper::new(path, saved, leadership.clone(), clock.clone()));
        let launched = rig.launch(opened, &shared.schema, keeper);
        rig.roster.controls.extend(notes.ports.iter().map(|port| port.entry.clone()));
        let board = Arc::new(Board::default());
        let stop_hop = Arc::new(AtomicBool::new(false));
        let (stop_reporter, reporter_stopped) = bounded(0);
        let (forward, forwarded) = bounded(DOOR);
        let part = PartSlot::default();
        let standby = Standby {
            show: config.show.name.clone(),
            leadership: leadership.clone(),
            clock: clock.clone(),
            gossip_in,
            forwarded,
            part: part.clone(),
            board: Arc::clone(&board),
            port,
            keys,
            allow_unpaired: config.standby.allow_unpaired,
            settings: election,
        };
        let standby_stopped = reporter_stopped.clone();
        let hop = Hop {
            source,
            listener: listener(config, engine)?.with_notes(notes.sources),
            buses: config.buses.len(),
            clock,
            hurried: config.audio.source == SourceName::File && config.audio.pace == PaceName::Fast,
            door: commands,
            forward,
            part,
            leadership: leadership.clone(),
            fanout: rig.fanout.clone(),
            board: Arc::clone(&board),
            stop: Arc::clone(&stop_hop),
        };
        let reporter = Reporter {
            show: config.show.name.clone(),
            buses: config.buses.iter().map(|(name, _)| name.clone()).collect(),
            roster: rig.roster,
            clients,
            board,
            fanout: rig.fanout.clone(),
            leadership,
        };
        let mut daemon =
            Self { threads: rig.threads, fanout: rig.fanout, stop_hop, stop_reporter, note_ports: Vec::new() };
        daemon.note_ports.extend(notes.ports.into_iter().map(|port| port.watch(jack.as_ref())));
        let started = launched
            .and_then(|()| daemon.threads.start("status", move || reporter.run(&reporter_stopped)))
            .and_then(|()| daemon.threads.start("standby", move || standby.run(&standby_stopped)))
            .and_then(|()| daemon.threads.start(HOP, move || hop.run()));
        if let Err(error) = started {
            daemon.end();
            return Err(Failure::Internal(format!("cannot start a thread: {error}; free some memory or threads")));
        }
        Ok(daemon)
    }

    /// Waits for the end, and detects threads that end early.
    fn attend(mut self, stop: &Receiver<()>) -> Result<(), Failure> {
        let ended = self.threads.ended().clone();
        let result = loop {
            select! {
                recv(stop) -> _ => break Ok(()),
                recv(ended) -> name => {
                    let name = name.unwrap_or_default();
                    self.threads.forget(&name);
                    if name == HOP {
                        break Err(Failure::Internal("the hop thread has died: this is a bug in downbeatd".into()));
                    }
                    tracing::error!("the thread {name} has died; everything else keeps running");
                }
            }
        };
        self.end();
        result
    }

    fn end(self) {
        tell_service_manager(&[NotifyState::Stopping]);
        self.stop_hop.store(true, Relaxed);
        drop(self.stop_reporter);
        drop(self.note_ports);
        self.fanout.close();
        for name in self.threads.wait(GOODBYE) {
            tracing::warn!("the thread {name} did not stop within {GOODBYE:?}; abandoning it");
        }
    }
}

/// A daemon configured as standby starts as one; one that knew others asks them first.
fn begin(config: &Config, saved: &Saved) -> Begin {
    match (config.standby.of.is_empty(), saved.partners.is_empty()) {
        (false, _) => Begin::Standby,
        (true, false) => Begin::Asking,
        (true, true) => Begin::Alone,
    }
}

/// Only a daemon that serves clients or browsers needs keys, and creates a folder for them.
fn keys(config: &Config) -> Result<Keys, Failure> {
    if config.server.is_none() && config.web.is_none() {
        return Ok(Keys::passing());
    }
    let path = ["show", "keys"].map(str::to_owned);
    Keys::load(&config.show.keys).map_err(|why| config.fault(&path, why).into())
}

fn engine(config: &Config, state: Option<ShowState>) -> Result<Engine, Failure> {
    Engine::new(&config.engine, state).map_err(|error| config.fault(&error.path(), error.problem()).into())
}

/// Until the source reports its rate, the usual one gives the length of a hop.
fn listener(config: &Config, engine: Engine) -> Result<Listener, Failure> {
    let [slow, fast] = config.engine.tempo.range;
    let settings = Settings { hop: config.audio.hop, tempo_range: (slow, fast), ..Settings::default() };
    let listener = Listener::new(engine, config.buses.len(), settings);
    listener.map_err(|error| Failure::Internal(format!("the engine refused a checked configuration: {error}")))
}

fn server(config: &Config, shared: &Shared, leadership: Leadership, gossip: GossipSender, keys: Keys) -> ServerContext {
    ServerContext {
        show: config.show.name.clone(),
        leadership,
        gossip,
        keys,
        clock: shared.clock.clone(),
        schema: Arc::clone(&shared.schema),
        door: shared.door.clone(),
        clients: ClientList::default(),
        web: None,
        ports: Ports::default(),
    }
}
