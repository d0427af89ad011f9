//! What the connection writes and the program reads. Every lock is held for microseconds.

use super::events::{Events, Queue};
use super::view::{ClockView, View};
use crate::clock::Follower;
use crate::host::host_now;
use crate::playout::Playout;
use downbeat_protocol::datagram::Rows;
use downbeat_protocol::status::Report;
use downbeat_protocol::{Event, HostTime, Schema, ShowState, Timeline};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Rows bring a newer timeline than any event while they come at least this often.
const ROWS_FLOW_NS: i64 = 250_000_000;

/// What both sides hold.
#[derive(Debug, Default)]
pub struct Shared {
    view: Mutex<View>,
    changed: Condvar,
    playout: Mutex<Playout>,
    listeners: Mutex<Vec<Weak<Queue>>>,
    report: Mutex<Report>,
    last_row: Mutex<HostTime>,
}

/// The first thing that a daemon says.
pub struct Welcome {
    pub show: String,
    pub epoch: u64,
    pub schema: Schema,
    pub state: ShowState,
    pub timeline: Timeline,
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

    /// What to tell the daemon of this client.
    pub fn full_report(&self) -> Report {
        let report = lock(&self.report).clone();
        let view = lock(&self.view);
        let error = view.clock.error_us;
        Report {
            clock_error_us: if error.is_finite() { error } else { 0.0 },
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

    /// A daemon has welcomed us.
    pub fn welcomed(&self, welcome: Welcome) {
        let schema = Arc::new(welcome.schema);
        let timeline = if welcome.timeline.is_sound() { welcome.timeline } else { Timeline::default() };
        self.playout().follow(welcome.epoch, &schema);
        self.change(|view| {
            view.connected = true;
            view.why = String::new();
            view.show = welcome.show;
            view.epoch = welcome.epoch;
            view.schema = schema;
            view.state = Arc::new(welcome.state);
            view.timeline = timeline;
            view.last_heard = host_now();
            view.welcomes += 1;
        });
    }

    /// The connection is gone, or could not be made. True when that is news.
    pub fn disconnected(&self, why: String) -> bool {
        let mut news = false;
        self.change(|view| {
            news = view.connected || view.why != why;
            view.connected = false;
            view.why = why;
        });
        news
    }

    /// Something has happened: the view follows, and everyone who listens is told.
    pub fn event(&self, event: Event) {
        if let Event::Schema(schema) = &event {
            if !fits(schema) {
                return;
            }
            let epoch = lock(&self.view).epoch;
            self.playout().follow(epoch, &Arc::new(schema.clone()));
        }
        let rows_flow = host_now().since(*lock(&self.last_row)) < ROWS_FLOW_NS;
        self.change(|view| {
            view.last_heard = host_now();
            match &event {
                Event::Changed { change, .. } => Arc::make_mut(&mut view.state).apply(change),
                Event::State(state) => view.state = Arc::new(state.clone()),
                Event::Timeline { timeline, .. } if timeline.is_sound() && !rows_flow => view.timeline = *timeline,
                Event::Schema(schema) => view.schema = Arc::new(schema.clone()),
                Event::Status(status) => view.status = Some(Arc::new(status.clone())),
                Event::Timeline { .. } | Event::Refused { .. } | Event::Unknown(_) => {}
            }
        });
        lock(&self.listeners).retain(|listener| match listener.upgrade() {
            Some(queue) => {
                queue.put(event.clone());
                true
            }
            None => false,
        });
    }

    /// Rows have come.
    pub fn rows(&self, rows: &Rows, heard: HostTime) {
        let (timeline, lost) = {
            let mut playout = self.playout();
            playout.push(rows);
            (playout.newest_timeline(), playout.lost())
        };
        *lock(&self.last_row) = heard;
        self.change(|view| {
            view.last_heard = heard;
            view.rows_lost = lost;
            view.timeline = timeline.unwrap_or(view.timeline);
        });
    }

    /// An exchange of time stamps has changed the clock.
    pub fn clock(&self, follower: &Follower, heard: HostTime) {
        self.change(|view| {
            view.last_heard = heard;
            view.clock = ClockView::of(follower, heard);
        });
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut lock(&self.view));
        self.changed.notify_all();
    }
}

/// Whether rows of a schema can be: columns are counted in 16 bits on the wire.
pub fn fits(schema: &Schema) -> bool {
    schema.width() <= usize::from(u16::MAX)
}

/// A thread that panicked while it held a lock has left whole values behind: nothing here is changed in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
