//! Assembles and shuts down the daemon. Wiring only: the logic and the I/O are elsewhere.

mod aside;
mod edge;
mod ending;
mod loops;
mod notes;
mod open;
mod plan;
mod reload;
mod rig;
mod watch;

use crate::board::Board;
use crate::clock::ShowClock;
use crate::config::{Config, PaceName, Snapshot, SourceName, Sources};
use crate::door::{Door, door};
use crate::exit::Failure;
use crate::hop::Hop;
use crate::keeper::Keeper;
use crate::realtime;
use crate::saved::{Saved, StateFile, boot, random};
use crate::server::clients::ClientList;
use crate::server::keys::Keys;
use crate::server::peers::{GossipSender, Leadership, PartSlot, Standby};
use crate::server::{Ports, ServerContext};
use crate::status::{Reporter, Roster, Telemetry, tell_service_manager};
use crate::threads::{self, BEAT_EVERY};
use crate::web::Page;
use crossbeam_channel::{Receiver, Sender, bounded, select};
use downbeat_analysis::Settings;
use downbeat_audio::{FileSettings, FileSource, Pace};
use downbeat_engine::Engine;
use downbeat_engine::election::{self, Begin};
use downbeat_engine::listener::Listener;
use downbeat_protocol::status::Bus;
use downbeat_protocol::tree::Description;
use downbeat_protocol::{Schema, ShowState, Status};
use notes::Search;
use open::{Prepared, Shared};
use reload::{LOOK_EVERY, Reloader};
use rig::Rig;
use sd_notify::NotifyState;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub use ending::Ending;

/// Capacity of the command queue, which the hop thread empties every few milliseconds.
const DOOR: usize = 1024;
/// How long edges may take to put out lights and end notes.
const EDGES: Duration = Duration::from_millis(800);
/// How long everything else may take after them. The log takes a moment, too, and all of it less than two seconds.
const OTHERS: Duration = Duration::from_millis(400);
/// The thread without which there is no show.
const HOP: &str = "hop";

/// Checks a configuration by opening and closing everything in it. A port in use, for example by a running daemon, is
/// not an error of the configuration.
pub fn check(config: &Config) -> Result<(), Failure> {
    let engine = engine(config, None)?;
    open::check_files(config)?;
    notes::check(config)?;
    check_keys(config)?;
    let (door, gossip, keys) = (door(1).0, GossipSender::new().0, Keys::passing());
    let server = server(config, door, ShowClock::default(), Leadership::alone(0), gossip, keys, engine.schema());
    let telemetry = Telemetry::new(Roster::default(), Arc::default());
    let (prepared, mut failures) = open::all(config, &Shared::new(&engine, server, None, telemetry, false));
    for Prepared { edge, section, .. } in prepared {
        match edge.open {
            Err(error) if !error.is_taken() => failures.push(open::failure(config, &section, error)),
            _ => {}
        }
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

/// Refuses an audio file that cannot be played.
pub fn check_audio(path: &Path) -> Result<(), Failure> {
    let buses = vec![("main".to_owned(), path.to_owned())];
    let settings = FileSettings { buses, pace: Pace::RealTime, repeat: false };
    let opened = FileSource::open(settings);
    opened.map(drop).map_err(|error| Failure::NoInput(format!("--audio {}: {error}", path.display())))
}

/// Refuses keys that cannot be used. A start goes on without them.
fn check_keys(config: &Config) -> Result<(), Failure> {
    match &Keys::load(&config.show.keys).1[..] {
        [why, ..] => Err(config.fault(&["show", "keys"].map(str::to_owned), why).into()),
        [] => Ok(()),
    }
}

/// The show of a configuration, without opening anything.
pub fn describe(config: &Config) -> Result<Description, Failure> {
    let engine = engine(config, None)?;
    let buses = config.buses.iter().map(|(name, _)| Bus { name: name.clone(), ..Bus::default() }).collect();
    let status = Status { show: config.show.name.clone(), buses, ..Status::default() };
    Ok(Description { state: ShowState::clone(engine.state()), schema: (*engine.schema()).clone(), status })
}

/// A signal to the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Stop.
    Stop,
    /// Read the configuration again.
    Reload,
}

/// The configuration, and where it came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Its sources.
    pub sources: Sources,
    /// Its files as they are, or were when they were last good.
    pub files: Snapshot,
    /// The mistake in the files, if the daemon starts with those that were last good.
    pub mistake: String,
}

/// Runs the daemon until it is told to stop. Calls `ready` once everything is open.
pub fn run(
    config: &Config,
    origin: Origin,
    signals: &Receiver<Signal>,
    ending: &Ending,
    ready: impl FnOnce(),
) -> Result<(), Failure> {
    let daemon = Failure::of_panic(|| Daemon::start(config, origin))?;
    ending.of(daemon.rig.fanout.clone());
    ready();
    daemon.attend(signals, ending)
}

/// A daemon whose threads run.
struct Daemon {
    rig: Rig,
    reloader: Reloader,
    /// Requests to read the configuration again, with their senders.
    requests: Receiver<String>,
    /// Set to end the hop thread.
    stop_hop: Arc<AtomicBool>,
    /// Dropped to end the reporter and the standby.
    stop_reporter: Sender<()>,
    /// Dropped to release the MIDI ports of notes.
    note_searches: Vec<Search>,
}

impl Daemon {
    fn start(config: &Config, origin: Origin) -> Result<Self, Failure> {
        realtime::begin(&config.threads);
        let boot = boot();
        let path = Some(Path::new(&config.show.state)).filter(|path| !path.as_os_str().is_empty());
        let (state_file, saved) = path.map(|path| StateFile::load(path, &boot)).unzip();
        let mut saved = saved.unwrap_or_else(|| Saved::new(&boot));
        let clock = ShowClock::new(saved.offset);
        saved.freeze_by(clock.now());
        let mut engine = engine(config, Some(saved.state.clone()))?;
        if let Some(line) = saved.fresh_timeline(clock.now()) {
            engine.resume(line, clock.now());
        }

        let notes = notes::open(config);
        let (source, jack) = open::source(config)?;
        let (door, commands) = door(DOOR);
        let (gossip, gossip_in) = GossipSender::new();
        let begin = begin(config, &saved);
        let leadership = Leadership::new(random(), saved.epoch, saved.term, begin == Begin::Alone);
        leadership.remember(&config.standby.of, &saved.partners);
        let election = election::Settings {
            id: leadership.run(),
            term: saved.term,
            begin,
            detection: Duration::from_secs_f64(config.standby.detection_ms * 1e-3),
            preferred: config.standby.preferred,
        };
        let keys = keys(config);
        let server = server(config, door, clock.clone(), leadership.clone(), gossip, keys.clone(), engine.schema());
        let clients = server.clients.clone();
        let (roster, board) = (Roster::default(), Arc::new(Board::default()));
        let telemetry = Telemetry::new(roster.clone(), Arc::clone(&board));
        let shared = Shared::new(&engine, server, jack.clone(), telemetry.clone(), state_file.is_some());
        let (prepared, failures) = open::all(config, &shared);
        if let Some(failure) = Failure::all(failures) {
            return Err(failure);
        }

        let mut rig = Rig::new(shared.fanout.clone(), roster);
        let keeper = state_file.map(|file| Keeper::new(file, saved, leadership.clone(), clock.clone()));
        let launched = prepared.into_iter().try_for_each(|edge| rig.launch(edge));
        let launched = launched.and_then(|()| keeper.map_or(Ok(()), |keeper| rig.keep(keeper)));
        notes.origins.iter().for_each(|origin| rig.roster.enter(origin.entry.clone()));
        let stop_hop = Arc::new(AtomicBool::new(false));
        let (stop_reporter, reporter_stopped) = bounded(0);
        let (forward, forwarded) = bounded(DOOR);
        let (refusals, refused) = bounded(DOOR);
        let part = PartSlot::default();
        let standby = Standby {
            show: config.show.name.clone(),
            leadership: leadership.clone(),
            clock: clock.clone(),
            gossip_in,
            forwarded,
            refusals,
            part: part.clone(),
            board: Arc::clone(&board),
            port: shared.server_port.clone(),
            keys,
            allow_unpaired: config.standby.allow_unpaired,
            settings: election,
        };
        let standby_stopped = reporter_stopped.clone();
        let (reload, requests) = bounded(1);
        let (adoptions, adopted) = bounded(1);
        let hop = Hop {
            adoptions: adopted,
            reload,
            source,
            listener: listener(config, engine)?.with_notes(notes.sources),
            buses: config.buses.len(),
            clock,
            hurried: config.audio.source == SourceName::File && config.audio.pace == PaceName::Fast,
            door: commands,
            forward,
            refusals: refused,
            part,
            leadership: leadership.clone(),
            fanout: rig.fanout.clone(),
            board: Arc::clone(&board),
            stop: Arc::clone(&stop_hop),
        };
        let (tell, news) = bounded(1);
        let reloader = Reloader::new(config, origin, shared, adoptions, Arc::clone(&board), tell);
        let reporter = Reporter {
            show: config.show.name.clone(),
            buses: config.buses.iter().map(|(name, _)| name.clone()).collect(),
            roster: rig.roster.clone(),
            watchdog: rig.threads.watchdog().clone(),
            clients,
            telemetry,
            board,
            news,
            fanout: rig.fanout.clone(),
            leadership,
        };
        let mut daemon = Self { rig, reloader, requests, stop_hop, stop_reporter, note_searches: Vec::new() };
        daemon.note_searches.extend(notes.origins.into_iter().map(|origin| origin.search(jack.as_ref())));
        let started = launched
            .and_then(|()| daemon.rig.threads.start("status", move || reporter.run(&reporter_stopped)))
            .and_then(|()| daemon.rig.threads.start("standby", move || standby.run(&standby_stopped)))
            .and_then(|()| daemon.rig.threads.start(HOP, move || hop.run()));
        if let Err(error) = started {
            daemon.end();
            return Err(Failure::Internal(format!("cannot start a thread: {error}; free some memory or threads")));
        }
        Ok(daemon)
    }

    /// Tells systemd that the daemon is ready, waits for the end, reads the configuration again when it changes or
    /// somebody asks, and detects threads that end early.
    fn attend(mut self, signals: &Receiver<Signal>, ending: &Ending) -> Result<(), Failure> {
        let ended = self.rig.threads.ended().clone();
        let _watched = self.rig.threads.watchdog().watch("main");
        let (mut look, mut is_told) = (Instant::now(), false);
        let result = loop {
            // A request to reload must not come first.
            if ending.has_begun() {
                break Ok(());
            }
            threads::beat();
            // Again if there was no room for it: systemd would end a daemon that it never heard of as ready.
            is_told = is_told || tell_service_manager(&[NotifyState::Ready]);
            // Reading the configuration may take long: a disk may, and an edge that does not close is waited for.
            select! {
                default(BEAT_EVERY) => {}
                recv(signals) -> signal => match signal {
                    Ok(Signal::Reload) => threads::unwatched(|| self.reloader.reload("SIGHUP", &mut self.rig)),
                    Ok(Signal::Stop) | Err(_) => break Ok(()),
                },
                recv(self.requests) -> from => if let Ok(from) = from {
                    threads::unwatched(|| self.reloader.reload(&from, &mut self.rig));
                },
                recv(ended) -> name => {
                    let name = name.unwrap_or_default();
                    self.rig.threads.forget(&name);
                    if name == HOP {
                        break Err(Failure::Internal("the hop thread has died: this is a bug in downbeatd".into()));
                    }
                    if !ending.has_begun() {
                        tracing::error!("the thread {name} has died; everything else keeps running");
                    }
                }
            }
            if look.elapsed() >= LOOK_EVERY {
                look = Instant::now();
                threads::unwatched(|| self.reloader.look(&mut self.rig));
            }
        };
        self.end();
        result
    }

    fn end(mut self) {
        tell_service_manager(&[NotifyState::Stopping]);
        // The edges first: they put out lights and end notes, for which JACK must still be there.
        self.rig.close_all(EDGES);
        self.stop_hop.store(true, Relaxed);
        drop(self.stop_reporter);
        drop(self.note_searches);
        for name in self.rig.threads.wait(OTHERS) {
            tracing::warn!("the thread {name} did not stop within {:?}; abandoning it", EDGES + OTHERS);
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

/// Only a daemon that serves clients or browsers needs keys, and creates a folder for them. With keys that cannot be used
/// the show goes on with a key for this run.
fn keys(config: &Config) -> Keys {
    if config.server.is_none() && config.web.is_none() {
        return Keys::passing();
    }
    let (keys, troubles) = Keys::load(&config.show.keys);
    for why in troubles {
        tracing::error!(
            "show.keys: {why}. Until then nodes and pages on this machine are let in, paired ones on other machines may not be"
        );
    }
    keys
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

fn server(
    config: &Config,
    door: Door,
    clock: ShowClock,
    leadership: Leadership,
    gossip: GossipSender,
    keys: Keys,
    schema: Arc<Schema>,
) -> ServerContext {
    ServerContext {
        show: config.show.name.clone(),
        leadership,
        gossip,
        keys,
        clock,
        schema,
        door,
        clients: ClientList::default(),
        events: Arc::default(),
        web: Page::default(),
        ports: Ports::default(),
    }
}
