//! Publishes the status four times a second and when there is news, and notifies the service manager.

mod judge;
mod metrics;
mod process;
mod reading;
mod telemetry;

pub use metrics::CONTENT_TYPE as METRICS_TYPE;
pub use telemetry::Telemetry;

use crate::board::Board;
use crate::clock::host_now;
use crate::dispatch::{Fanout, Health};
use crate::server::clients::ClientList;
use crate::server::peers::Leadership;
use crate::threads::{self, Watchdog};
use crossbeam_channel::{Receiver, select};
use downbeat_protocol::status::{Bus, Control, Output};
use downbeat_protocol::{Event, HostTime, Status};
use judge::Judge;
use reading::Name;
use sd_notify::NotifyState;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The interval.
const EVERY: Duration = Duration::from_millis(250);
/// A thread that has not moved for so long hangs. It moves twice a second.
const PATIENCE: Duration = Duration::from_secs(2);
/// Turns in a rate: one second.
const RATE_OVER: usize = 4;

/// Everything with a health. Clones share it; entries come and go while the show runs.
#[derive(Clone, Debug, Default)]
pub struct Roster(Arc<Mutex<Vec<Entry>>>);

/// The part of the configuration that an entry belongs to. Each has names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `[output.NAME]`.
    Outputs,
    /// `[server]`.
    Server,
    /// `[control.NAME]`.
    Controls,
    /// `[web]`.
    Page,
    /// `[midi-source.NAME]`.
    Notes,
}

impl Section {
    /// Whether it sends the show: the status lists it with the outputs, and else with the controls.
    fn is_output(self) -> bool {
        matches!(self, Self::Outputs | Self::Server)
    }
}

/// An output, a control, a server or a source of notes.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its part.
    pub section: Section,
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its counters, and its destination or address.
    pub health: Arc<Health>,
}

impl Entry {
    /// What tells it from the others in a list: an output may be called `server`, too.
    fn counted_as(&self) -> Name {
        (self.name.clone(), self.kind.clone())
    }
}

impl Roster {
    /// Adds an entry, or replaces the one of the same name in its place, and goes on counting where that has stopped.
    pub fn enter(&self, entry: Entry) {
        let mut all = self.lock();
        match all.iter_mut().find(|known| (known.section, &known.name) == (entry.section, &entry.name)) {
            Some(known) => {
                if known.kind == entry.kind {
                    entry.health.continue_from(&known.health);
                }
                *known = entry;
            }
            None => all.push(entry),
        }
    }

    /// Removes an entry.
    pub fn remove(&self, section: Section, name: &str) {
        self.lock().retain(|entry| entry.section != section || entry.name != name);
    }

    /// The outputs and the server.
    pub fn outputs(&self) -> Vec<Entry> {
        self.lock().iter().filter(|entry| entry.section.is_output()).cloned().collect()
    }

    /// The controls, the page, the sources of notes.
    pub fn controls(&self) -> Vec<Entry> {
        self.lock().iter().filter(|entry| !entry.section.is_output()).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reporter of the status.
pub struct Reporter {
    /// The show's name.
    pub show: String,
    /// The names of the buses.
    pub buses: Vec<String>,
    /// The items to report on.
    pub roster: Roster,
    /// The clients.
    pub clients: ClientList,
    /// The hop thread's report.
    pub board: Arc<Board>,
    /// Comes when something is to be told at once.
    pub news: Receiver<()>,
    /// The receivers of the status.
    pub fanout: Fanout,
    /// This daemon's standing.
    pub leadership: Leadership,
    /// What notices hung threads.
    pub watchdog: Watchdog,
    /// The figures, for whoever asks.
    pub telemetry: Telemetry,
}

impl Reporter {
    /// Reports until `stop` is dropped.
    pub fn run(self, stop: &Receiver<()>) {
        let started = Instant::now();
        let mut sent: VecDeque<(Instant, Counts)> = VecDeque::new();
        let (mut judge, mut hung) = (Judge::default(), Vec::new());
        let mut cancels = vec![false; self.buses.len()];
        loop {
            select! {
                recv(stop) -> _ => return,
                recv(self.news) -> news => if news.is_err() { return },
                default(EVERY) => {}
            }
            threads::beat();
            let now = Instant::now();
            let outputs = self.roster.outputs();
            let counts: Counts =
                outputs.iter().map(|entry| (entry.counted_as(), entry.health.sent.load(Relaxed))).collect();
            let status = self.status(now - started, &outputs, &rates(sent.front(), now, &counts));
            for (bus, cancelled) in status.buses.iter().zip(&mut cancels) {
                if bus.cancels != std::mem::replace(cancelled, bus.cancels) {
                    log_polarity(bus);
                }
            }
            self.telemetry.keep(now, &status, self.leadership.leads());
            self.fanout.event(&Arc::new(Event::Status(status)), self.leadership.leads());
            sent.push_back((now, counts));
            if sent.len() > RATE_OVER {
                sent.pop_front();
            }
            let now = host_now();
            if !judge.may_judge(now) || self.all_live(now, &mut hung) {
                tell_service_manager(&[NotifyState::Watchdog]);
            }
        }
    }

    /// Whether no thread hangs; says so of one that does, and when it moves again.
    fn all_live(&self, now: HostTime, said: &mut Vec<String>) -> bool {
        let hung = self.watchdog.hung(now, PATIENCE);
        for name in hung.iter().filter(|name| !said.contains(name)) {
            tracing::error!(
                "{name}: the thread has not moved for {PATIENCE:?}; systemd restarts the daemon if it is set up to"
            );
        }
        for name in said.iter().filter(|name| !hung.contains(name)) {
            tracing::info!("{name}: the thread moves again");
        }
        if hung.iter().any(|name| !said.contains(name)) {
            // At once: the watchdog's own patience begins only when it is no longer fed.
            tell_service_manager(&[NotifyState::WatchdogTrigger]);
        }
        *said = hung;
        said.is_empty()
    }

    fn status(&self, uptime: Duration, outputs: &[Entry], rates: &BTreeMap<Name, f64>) -> Status {
        let report = self.board.report();
        let (config, config_reads) = self.board.config();
        let bus = |(place, name): (usize, &String)| Bus {
            name: name.clone(),
            state: report.music.get(place).copied().unwrap_or_default().name().into(),
            sources: report.source.connected.get(place).cloned().unwrap_or_default(),
            cancels: report.cancels.get(place).copied().unwrap_or_default(),
        };
        let output = |entry: &Entry| Output {
            name: entry.name.clone(),
            kind: entry.kind.clone(),
            target: entry.health.place(),
            rate: rates.get(&entry.counted_as()).copied().unwrap_or(0.0),
            sent: entry.health.sent.load(Relaxed),
            late: entry.health.late.load(Relaxed),
            dropped: entry.health.dropped.load(Relaxed),
            error: entry.health.error(),
        };
        let control = |entry: &Entry| Control {
            kind: entry.kind.clone(),
            name: entry.name.clone(),
            listens: entry.health.place(),
            commands: entry.health.sent.load(Relaxed),
            rejected: entry.health.dropped.load(Relaxed),
            error: entry.health.error(),
        };
        Status {
            show: self.show.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            uptime: uptime.as_secs_f64(),
            standing: self.board.standing(),
            config,
            config_reads,
            buses: self.buses.iter().enumerate().map(bus).collect(),
            source: report.source.status,
            audio_dropped: report.source.dropped,
            xruns: report.source.xruns,
            tempo_source: report.lead,
            tempo_by_hand: report.by_hand,
            locked: report.lock.locked,
            locked_why: report.locked_why,
            tempo_why: report.why,
            outputs: outputs.iter().map(output).collect(),
            controls: self.roster.controls().iter().map(control).collect(),
            clients: self.clients.all(),
            hop_p99_us: report.hop_p99_us,
        }
    }
}

/// Tells the operator how to fix a reversed side, once for each change.
fn log_polarity(bus: &Bus) {
    if bus.cancels {
        tracing::warn!(
            "left and right of bus `{}` cancel: the polarity of one is reversed. Swap hot and cold on one side, or \
             flip its polarity switch on the mixer. Until then Downbeat uses their difference",
            bus.name
        );
    } else {
        tracing::info!("left and right of bus `{}` no longer cancel", bus.name);
    }
}

/// Notifies systemd if it started us; otherwise does nothing. Never waits: false if systemd has no room for it now.
pub fn tell_service_manager(states: &[NotifyState<'_>]) -> bool {
    downbeat_log::notify(states).unwrap_or_else(|error| {
        tracing::debug!("cannot notify the service manager: {error}");
        true
    })
}

/// How many messages each output has sent.
type Counts = BTreeMap<Name, u64>;

/// Messages per second of each output since `earlier`.
fn rates(earlier: Option<&(Instant, Counts)>, now: Instant, counts: &Counts) -> BTreeMap<Name, f64> {
    let Some((then, before)) = earlier else { return BTreeMap::new() };
    let seconds = (now - *then).as_secs_f64().max(1e-3);
    let rate = |(name, count): (&Name, &u64)| {
        let sent = count.saturating_sub(before.get(name).copied().unwrap_or(*count));
        (name.clone(), sent as f64 / seconds)
    };
    counts.iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::HopReport;
    use crate::dispatch::{Audible, Wake};

    #[test]
    fn a_rate_is_that_of_the_last_second() {
        let now = Instant::now();
        let desk = || ("desk".to_owned(), "osc".to_owned());
        let counts = |count| Counts::from([(desk(), count)]);
        let earlier = (now - Duration::from_secs(2), counts(10));
        assert_eq!(rates(Some(&earlier), now, &counts(110)), [(desk(), 50.0)].into());
        assert!(rates(None, now, &counts(110)).is_empty());
    }

    #[test]
    fn things_of_one_name_do_not_hide_each_other() {
        let roster = Roster::default();
        let sections = [Section::Outputs, Section::Server, Section::Controls, Section::Page, Section::Notes];
        for section in sections {
            roster.enter(Entry { section, name: "keys".into(), kind: String::new(), health: Arc::default() });
        }
        assert_eq!((roster.outputs().len(), roster.controls().len()), (2, 3));
        roster.remove(Section::Controls, "keys");
        assert!(roster.controls().iter().all(|entry| entry.section != Section::Controls));
        assert_eq!((roster.outputs().len(), roster.controls().len()), (2, 2));
    }

    #[test]
    fn the_status_says_how_everything_is_doing() {
        let health = Arc::new(Health::default());
        health.count_sent();
        health.set_error("desk", "nobody answers");
        let roster = Roster::default();
        roster.enter(Entry { section: Section::Outputs, name: "desk".into(), kind: "osc".into(), health });
        let board = Arc::new(Board::default());
        let cancels = vec![true];
        board.put(HopReport {
            cancels,
            lead: "audio".into(),
            why: "tap".into(),
            hop_p99_us: 80.0,
            ..HopReport::default()
        });
        let (tell, news) = crossbeam_channel::bounded(1);
        let fanout = Fanout::default();
        let feed = fanout.feed(Arc::default(), Audible::Always);
        let reporter = Reporter {
            leadership: Leadership::alone(1),
            show: "Friday".into(),
            buses: vec!["main".into()],
            roster,
            watchdog: Watchdog::default(),
            clients: ClientList::default(),
            telemetry: Telemetry::new(Roster::default(), Arc::clone(&board)),
            board: Arc::clone(&board),
            news,
            fanout,
        };
        let (stop, stopped) = crossbeam_channel::bounded(0);
        let thread = std::thread::spawn(move || reporter.run(&stopped));
        let wake = feed.wait(host_now() + Duration::from_secs(5));
        let begun = Instant::now();
        for count in 1..=10 {
            board.set_config("no change");
            tell.send(()).expect("it listens");
            let told = |wake: &Wake| match wake.events.last().map(|event| &**event) {
                Some(Event::Status(status)) => status.config_reads == count,
                _ => false,
            };
            while !told(&feed.wait(host_now() + Duration::from_secs(5))) {}
        }
        assert!(begun.elapsed() < 5 * EVERY, "news wait {:?}", begun.elapsed() / 10);
        drop(stop);
        thread.join().expect("ends");
        let Some(Event::Status(status)) = wake.events.first().map(|event| &**event) else {
            panic!("{:?}", wake.events)
        };
        assert_eq!((status.show.as_str(), status.tempo_source.as_str()), ("Friday", "audio"));
        assert_eq!((status.outputs[0].sent, status.outputs[0].error.as_str()), (1, "nobody answers"));
        assert_eq!((status.buses[0].state.as_str(), status.buses[0].cancels), ("no-signal", true));
    }
}
