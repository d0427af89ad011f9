//! Changes the configuration while the show runs.
//!
//! What can take effect at once does; an edge whose table has changed is closed and opened again, and no other; the rest
//! waits for the next start. A configuration with a mistake is refused whole.

use super::Origin;
use super::aside::Aside;
use super::open::{Names, Prepared, Shared};
use super::plan::Plan;
use super::rig::Rig;
use super::watch::{Found, Verdict, Watch};
use crate::board::Board;
use crate::config::{Config, Fault, LastGood, NamedFiles, Snapshot, Sources, Table};
use crate::dispatch::Fanout;
use crate::exit::Failure;
use crate::server;
use crate::web;
use crossbeam_channel::Sender;
use downbeat_config::unquoted;
use downbeat_engine::Adoption;
use downbeat_protocol::Event;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long an edge may take to close, and the hop thread to adopt.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long whoever asked by the server may take to read the answer before it is closed.
const ANSWER: Duration = Duration::from_millis(500);
/// How long a look at the files may take before something else is done meanwhile.
const MOMENT: Duration = Duration::from_millis(100);
/// How long reading the files may take.
const READING: Duration = Duration::from_secs(5);
/// Pause between two looks at something that is about to happen.
const NAP: Duration = Duration::from_millis(2);

/// How many readings may hang, each on a thread of its own, until there is no other.
const HANGING: usize = 16;

/// Files, and what they ask for.
type Work = Aside<Result<(Found, Result<Plan, Failure>), Fault>>;

/// Reads the configuration again.
pub(super) struct Reloader {
    pub sources: Sources,
    /// The configuration in force.
    pub config: Config,
    /// Its files.
    in_force: Snapshot,
    watch: Watch,
    /// A look at the files that takes its time, and since when.
    looking: Option<(Aside<Result<Found, Fault>>, Instant)>,
    /// Readings that took too long. While they hang, nobody looks.
    late: Vec<Work>,
    pub last_good: Option<LastGood>,
    pub shared: Shared,
    /// To the hop thread.
    pub adoptions: Sender<Box<Adoption>>,
    pub board: Arc<Board>,
    /// Wakes the reporter.
    pub news: Sender<()>,
}

impl Reloader {
    /// Of a daemon that has started with a configuration.
    pub fn new(
        config: &Config,
        origin: Origin,
        shared: Shared,
        adoptions: Sender<Box<Adoption>>,
        board: Arc<Board>,
        news: Sender<()>,
    ) -> Self {
        let Origin { sources, files, mistake } = origin;
        let mut last_good = sources.file.as_deref().map(LastGood::of);
        // The files with the mistake count as read: they are read again once they have changed.
        let now = sources.snapshot();
        let read = now.as_ref().unwrap_or(&files).clone();
        let mut watch = Watch::of(Found { files: read, named: config.named_files() });
        match (&mut last_good, mistake.as_str()) {
            (Some(last_good), "") => last_good.keep(&files),
            (_, "") => {}
            (_, mistake) => {
                if let Err(fault) = now {
                    watch.was_told(&fault.to_string());
                }
                board.set_config(&format!("as it was when it was last good: {}", in_a_line(&unquoted(mistake))));
            }
        }
        Self {
            sources,
            config: config.clone(),
            in_force: files,
            watch,
            looking: None,
            late: Vec::new(),
            last_good,
            shared,
            adoptions,
            board,
            news,
        }
    }

    /// Looks whether the files have changed; if so, and they rest, reads them again.
    pub fn look(&mut self, rig: &mut Rig) {
        if !self.config.show.watch || self.count_late() > 0 {
            return;
        }
        let (sources, named) = (self.sources.clone(), self.config.named_files());
        let begin = || Some((Aside::start(move || found(sources.snapshot()?, &named))?, Instant::now()));
        let Some((looking, since)) = self.looking.take().or_else(begin) else { return };
        let found = match looking.wait(MOMENT) {
            Ok(found) => found.map_err(|fault| fault.to_string()),
            Err(still_looking) => {
                self.looking = still_looking.map(|looking| (looking, since));
                if since.elapsed() < READING {
                    return;
                }
                Err(too_late())
            }
        };
        match self.watch.look(found, &self.in_force) {
            Verdict::Wait => {}
            Verdict::Read(files) => self.read(Some(files), "its file", rig),
            Verdict::Refuse(why) => self.refuse(&why, "its file", &rig.fanout),
        }
    }

    /// Reads the files again, because somebody asks for it.
    pub fn reload(&mut self, from: &str, rig: &mut Rig) {
        self.read(None, from, rig);
    }

    /// Reads files, or else those that there are now.
    fn read(&mut self, files: Option<Snapshot>, from: &str, rig: &mut Rig) {
        // The next one may find other files: whoever mends it turns a link elsewhere.
        if self.count_late() >= HANGING {
            return self.refuse(&too_late(), from, &rig.fanout);
        }
        let (sources, running, shared) = (self.sources.clone(), self.config.clone(), self.shared.clone());
        let (is_wanted, in_force, named) = (files.is_some(), self.in_force.clone(), self.config.named_files());
        // They may be on a share that has gone.
        let work: Option<Work> = Aside::start(move || {
            let files = files.map_or_else(|| sources.snapshot(), Ok)?;
            let plan = match files.cut_off(&in_force) {
                Some(fault) => Err(fault.into()),
                None => Plan::new(&files, &sources, &running, &shared),
            };
            Ok((found(files, &named)?, plan))
        });
        let why = match work.map(|work| work.wait(READING)) {
            Some(Ok(Ok((found, plan)))) => {
                self.watch.was_read(found.clone());
                match plan.and_then(|plan| self.carry_out(plan, found.files.clone(), from, rig)) {
                    Ok(()) => {
                        // What hangs belongs to files that nobody asks for any more.
                        self.looking = None;
                        self.late.clear();
                        // It may name others than the one before.
                        return self.watch.was_read(Found { named: self.config.named_files(), ..found });
                    }
                    Err(failure) => failure.to_string(),
                }
            }
            Some(Ok(Err(fault))) => {
                self.watch.was_told(&fault.to_string());
                fault.to_string()
            }
            Some(Err(Some(work))) => {
                self.late.push(work);
                self.watch.forget();
                too_late()
            }
            Some(Err(None)) | None => {
                if is_wanted {
                    self.watch.give_up();
                }
                "its files could not be read for lack of a thread: free some memory or threads, then save it again"
                    .into()
            }
        };
        self.refuse(&why, from, &rig.fanout);
    }

    /// How many readings that took too long still hang.
    fn count_late(&mut self) -> usize {
        self.late.retain(|work| !work.is_done());
        self.late.len()
    }

    fn refuse(&self, why: &str, from: &str, fanout: &Fanout) {
        tracing::error!("configuration: {}; the one before stays in force", in_a_line(why));
        // The log is for those who may read the files. The others learn where it is and what, not what stands there.
        let why = in_a_line(&unquoted(why));
        // Whoever asked learns it from the refusal, which comes first.
        fanout.event(&Arc::new(Event::Refused { from: from.into(), why: why.clone() }), true);
        self.tell(&format!("refused: {why}"));
    }

    /// Tells everyone what became of the configuration, at once.
    fn tell(&self, words: &str) {
        self.board.set_config(words);
        // If the reporter has not seen the last news yet, it sees both.
        let _ = self.news.try_send(());
    }

    fn carry_out(&mut self, plan: Plan, files: Snapshot, from: &str, rig: &mut Rig) -> Result<(), Failure> {
        let Plan { config, difference, adoption, names, prepared } = plan;
        self.config = config.as_far_as_live(&self.config, adoption.config().clone());
        if difference.changes_the_show() {
            self.adopt(adoption, names);
        }
        let is_server = |table: &Table| *table == Table::Server;
        let (server, others): (Vec<_>, Vec<_>) =
            prepared.into_iter().partition(|edge| edge.thread == thread(&Table::Server));
        self.replace(difference.close.iter().filter(|table| !is_server(table)), others, rig)?;
        tracing::info!("configuration: read again for {from}; {difference}");
        self.tell(&difference.to_string());
        if let Some(last_good) = &mut self.last_good {
            last_good.keep(&files);
        }
        self.in_force = files;
        if difference.open.iter().chain(&difference.close).any(is_server) {
            // Last: it brings the answer to those who asked by it, and may be somewhere else afterwards.
            self.wait_until_it_knows(from);
            self.shared.expect_server(&self.config);
            self.replace(difference.close.iter().filter(|table| is_server(table)), server, rig)?;
        }
        Ok(())
    }

    /// Has the hop thread adopt the show, which takes a hop. Edges that are opened then find the rows that they expect.
    fn adopt(&self, adoption: Adoption, names: Names) {
        let _ = self.adoptions.send_timeout(Box::new(adoption), PATIENCE);
        wait_until(PATIENCE, || self.shared.names().schema == names.schema);
        self.shared.set_names(names);
    }

    /// Closes edges, then launches others in their place.
    fn replace<'a>(
        &self,
        close: impl Iterator<Item = &'a Table> + Clone,
        open: Vec<Prepared>,
        rig: &mut Rig,
    ) -> Result<(), Failure> {
        for table in close.clone() {
            let opens_again = open.iter().any(|edge| edge.thread == thread(table));
            rig.close(&thread(table), opens_again);
            // One that opens again tells its new place.
            if *table == Table::Web && !opens_again {
                self.shared.page.set(None);
            }
        }
        for table in close {
            rig.wait_for_end(&thread(table), PATIENCE);
            // The next one tells its own place once it runs, if it has any.
            if let Table::Control(name) = table {
                self.shared.osc_ports.remove(name);
            }
        }
        for mut edge in open {
            // Its port may have been that of the one before it.
            if edge.edge.open.is_err() {
                edge.edge.open = (edge.edge.opener)();
            }
            rig.launch(edge).map_err(|error| Failure::Internal(format!("cannot start a thread: {error}")))?;
        }
        Ok(())
    }

    /// Waits until whoever asked by the server has the answer: `downbeatctl` leaves with it. Others read it when they are
    /// back.
    fn wait_until_it_knows(&self, from: &str) {
        if let Some(name) = from.strip_prefix("quic:") {
            let clients = &self.shared.server.clients;
            wait_until(ANSWER, || clients.all().iter().all(|client| client.name != name));
        }
    }
}

/// These files, and those that they name, as they are now.
fn found(files: Snapshot, named: &NamedFiles) -> Result<Found, Fault> {
    Ok(Found { files, named: named.again() })
}

/// Why files were not read, which may be on a share that has gone.
fn too_late() -> String {
    format!("its files could not be read within {} s: are they on a share that does not answer?", READING.as_secs())
}

/// The lines of a message as one.
fn in_a_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Waits for a condition, at most this long.
fn wait_until(patience: Duration, condition: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !condition() && Instant::now() < end {
        sleep(NAP);
    }
}

/// The thread of an edge.
fn thread(table: &Table) -> String {
    match table {
        Table::Control(name) => format!("in:{name}"),
        Table::Output(name) => format!("out:{name}"),
        Table::Web => web::NAME.into(),
        Table::Server => server::NAME.into(),
    }
}
