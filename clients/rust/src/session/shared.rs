//! State shared between the connections and the program. Every lock is held for microseconds.

use super::events::{Events, Queue};
use super::hub::{Hub, News};
use super::view::{ClockView, View};
use crate::playout::Playout;
use downbeat_peer::host::host_now;
use downbeat_protocol::datagram::{Rows, Want};
use downbeat_protocol::message::ClientMessage;
use downbeat_protocol::status::Report;
use downbeat_protocol::{Event, HostTime, Schema};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// While rows arrive at least this often, they bring newer timelines than events.
const ROWS_FLOW_NS: i64 = 250_000_000;

/// The state of both sides.
#[derive(Debug, Default)]
pub struct Shared {
    view: Mutex<View>,
    changed: Condvar,
    playout: Mutex<Playout>,
    listeners: Mutex<Vec<Weak<Queue>>>,
    report: Mutex<Report>,
    last_row: Mutex<Option<HostTime>>,
    /// The sender to the leader.
    outbox: Mutex<Option<mpsc::Sender<ClientMessage>>>,
    /// The same for each path, led or not.
    outboxes: Mutex<BTreeMap<usize, mpsc::Sender<ClientMessage>>>,
    /// Notified when this client, itself a daemon, has a new standing.
    announced: watch::Sender<()>,
}

impl Shared {
    pub fn view(&self) -> View {
        lock(&self.view).clone()
    }

    pub fn playout(&self) -> MutexGuard<'_, Playout> {
        lock(&self.playout)
    }

    pub fn report(&self, report: Report) {
        *lock(&self.report) = report;
    }

    /// What the daemons are told about this client.
    pub fn full_report(&self) -> Report {
        let report = lock(&self.report).clone();
        let view = lock(&self.view);
        let error = view.clock.error_us;
        Report {
            clock_error_us: if error.is_finite() { error } else { 0.0 },
            clock_offset_ms: view.clock.offset as f64 * 1e-6,
            clock_drift_ppm: view.clock.drift_ppm,
            clock_stamps: view.clock.stamps.name().into(),
            clock_jumps: view.clock.jumps,
            round_trip_us: view.clock.round_trip_us,
            rows_lost: view.rows_lost,
            ..report
        }
    }

    pub fn subscribe(&self) -> Events {
        let queue = Arc::new(Queue::default());
        lock(&self.listeners).push(Arc::downgrade(&queue));
        Events::new(queue)
    }

    pub fn wait(&self, at_most: Duration, until: impl Fn(&View) -> bool) -> View {
        let view = lock(&self.view);
        let (view, _) =
            self.changed.wait_timeout_while(view, at_most, |view| !until(view)).unwrap_or_else(PoisonError::into_inner);
        view.clone()
    }

    /// The receiver of commands; none without a leader.
    pub fn outbox(&self) -> Option<mpsc::Sender<ClientMessage>> {
        lock(&self.outbox).clone()
    }

    /// The receiver of commands on a path, whether or not its daemon leads.
    pub fn outbox_of(&self, path: usize) -> Option<mpsc::Sender<ClientMessage>> {
        lock(&self.outboxes).get(&path).cloned()
    }

    /// Sets the sender of a path, if any.
    pub fn connect(&self, path: usize, outbox: Option<mpsc::Sender<ClientMessage>>) {
        let mut outboxes = lock(&self.outboxes);
        match outbox {
            Some(outbox) => _ = outboxes.insert(path, outbox),
            None => _ = outboxes.remove(&path),
        }
    }

    /// Sets the leader's sender, if any.
    pub fn send_to(&self, outbox: Option<mpsc::Sender<ClientMessage>>) {
        *lock(&self.outbox) = outbox;
    }

    /// Announces this client's standing to all daemons.
    pub fn announce(&self) {
        self.announced.send_replace(());
    }

    /// Wakes when there is something to announce.
    pub fn announcements(&self) -> watch::Receiver<()> {
        self.announced.subscribe()
    }

    /// Whether the leader's rows keep arriving.
    pub fn rows_flow(&self) -> bool {
        self.row_age().is_some_and(|age| age < ROWS_FLOW_NS)
    }

    /// The age of the leader's last row, in nanoseconds.
    pub fn row_age(&self) -> Option<i64> {
        Some(host_now().since((*lock(&self.last_row))?))
    }

    /// Takes changes of the hub. True if they are news for the operator.
    pub fn follow(&self, hub: &Hub, news: News, heard: Option<HostTime>) -> bool {
        let mut told = false;
        let rows_flow = self.rows_flow();
        if let Some((known, _)) = hub.lead() {
            self.playout().follow(known.epoch, &known.schema);
        }
        if let Some((run, newest)) = hub.newest() {
            self.playout().tell(run, newest.set..=newest.number, &newest.state);
        }
        self.change(|view| {
            view.term = hub.term();
            view.paths = hub.views();
            view.last_heard = heard.unwrap_or(view.last_heard);
            let Some((known, path)) = hub.lead() else {
                let why = hub.why();
                told = view.connected || view.why != why;
                (view.connected, view.why) = (false, why);
                return;
            };
            if !view.connected {
                view.welcomes += 1;
            }
            (view.connected, view.why) = (true, String::new());
            view.show.clone_from(&known.show);
            view.epoch = known.epoch;
            view.schema = Arc::clone(&known.schema);
            view.state = Arc::clone(&known.state);
            // Rows bring a newer one than the events of a daemon that has just started to lead.
            if !rows_flow {
                view.timeline = known.timeline;
            }
            // A daemon just found has not sent its status yet; the last one stays until it does.
            view.status = known.status.clone().or_else(|| view.status.take());
            if news.led_by_another {
                view.clock = ClockView::of(&path.follower, path.stamps, host_now());
            }
        });
        news.events.into_iter().for_each(|event| self.tell(&event));
        told
    }

    /// Passes an event to all listeners.
    pub fn tell(&self, event: &Event) {
        lock(&self.listeners).retain(|listener| match listener.upgrade() {
            Some(queue) => {
                queue.put(event.clone());
                true
            }
            None => false,
        });
    }

    /// Rows have arrived on a path, from any daemon.
    pub fn row_seen(&self, path: usize, heard: HostTime) {
        if let Some(path) = lock(&self.view).paths.get_mut(path) {
            path.last_row = Some(heard);
        }
    }

    /// Takes the leader's rows. Returns the newest timeline.
    pub fn rows(&self, rows: &Rows, heard: HostTime) -> Option<downbeat_protocol::Timeline> {
        let clock = lock(&self.view).clock;
        let (timeline, lost, newest) = {
            let mut playout = self.playout();
            let before = playout.newest_time();
            match clock.synced {
                true => playout.push_at(rows, clock.show(heard)),
                false => playout.push(rows),
            }
            let newest = playout.newest_time().filter(|newest| before.is_none_or(|before| *newest > before));
            (playout.newest_timeline(), playout.lost(), newest)
        };
        let age = newest.filter(|_| clock.synced).map(|newest| clock.show(heard).since(newest));
        *lock(&self.last_row) = Some(heard);
        self.change(|view| {
            view.last_heard = heard;
            view.rows_lost = lost;
            view.oldest_row_ms = age.map_or(view.oldest_row_ms, |age| view.oldest_row_ms.max(age as f64 * 1e-6));
            view.timeline = timeline.unwrap_or(view.timeline);
        });
        timeline
    }

    /// Takes past rows, for a newcomer.
    pub fn history(&self, rows: &Rows) {
        self.playout().push(rows);
    }

    /// The requests to the daemon.
    pub fn wants(&self, now: HostTime) -> Vec<Want> {
        self.playout().wants(now)
    }

    /// An exchange with the leader has changed the clock.
    pub fn clock(&self, clock: ClockView, heard: HostTime) {
        self.change(|view| {
            view.last_heard = heard;
            view.clock = clock;
        });
    }

    /// The session cannot work at all.
    pub fn failed(&self, why: String) {
        self.change(|view| (view.connected, view.why) = (false, why));
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut lock(&self.view));
        self.changed.notify_all();
    }
}

/// Whether rows of a schema are possible: columns have 16 bits on the wire.
pub fn fits(schema: &Schema) -> bool {
    schema.width() <= usize::from(u16::MAX)
}

/// Ignores poisoning: nothing here changes in two steps, so a thread that panicked left consistent values.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
