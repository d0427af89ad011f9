//! The newest state, for every client.

use super::notes::{Changes, Note};
use crate::clock::ShowClock;
use crate::dispatch::Wake;
use downbeat_engine::Tick;
use downbeat_protocol::tree::Present;
use downbeat_protocol::{Event, Schema, Status, Tree};
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Maximum of notes waiting for one client. One further behind is closed: it reconnects and reads the tree again.
const NOTES: usize = 256;

/// The show now. Cheap to clone.
#[derive(Clone)]
pub struct Moment {
    tick: Arc<Tick>,
    status: Arc<Status>,
    schema: Arc<Schema>,
    clock: ShowClock,
    /// All current addresses.
    pub tree: Arc<Tree>,
}

impl Moment {
    /// Before any event.
    pub fn new(tick: Tick, schema: Arc<Schema>, clock: ShowClock) -> Self {
        let status = Arc::<Status>::default();
        let tree = Arc::new(Tree::new(&tick.state, &schema, &status));
        Self { tick: Arc::new(tick), status, schema, clock, tree }
    }

    /// Takes an event; returns what no client may miss.
    pub fn take(&mut self, wake: &Wake) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some(tick) = &wake.tick {
            self.tick = Arc::clone(tick);
        }
        // The sources of the tree rarely change, and a status comes four times a second: that is soon enough.
        let mut anew = false;
        for event in &wake.events {
            match &**event {
                Event::Status(status) => {
                    self.status = Arc::new(status.clone());
                    anew = true;
                }
                Event::Schema(schema) => {
                    self.schema = Arc::new(schema.clone());
                    anew = true;
                }
                Event::State(_) => anew = true,
                Event::Refused { from, why } => notes.push(Note::Refused { from: from.clone(), why: why.clone() }),
                Event::Changed { .. } | Event::Timeline { .. } | Event::Message { .. } | Event::Unknown(_) => {}
            }
        }
        if anew {
            let tree = Tree::new(&self.tick.state, &self.schema, &self.status);
            if let Some(changes) = Changes::between(&self.tree, &tree) {
                notes.push(Note::Tree(Arc::new(changes)));
            }
            self.tree = Arc::new(tree);
        }
        notes
    }

    /// The present, to read nodes from.
    pub fn present(&self) -> Present<'_> {
        let Tick { state, row, timeline, .. } = &*self.tick;
        Present { state, row, timeline, now: self.clock.now(), status: &self.status }
    }
}

/// Between the feed's thread and the sockets. Clones share it.
#[derive(Clone)]
pub struct Hub {
    moment: watch::Sender<Moment>,
    notes: broadcast::Sender<Note>,
}

impl Hub {
    /// Starts with a moment.
    pub fn new(moment: Moment) -> Self {
        Self { moment: watch::Sender::new(moment), notes: broadcast::Sender::new(NOTES) }
    }

    /// Replaces the moment: the newest wins.
    pub fn put(&self, moment: Moment) {
        self.moment.send_replace(moment);
    }

    /// Appends a note for every listener.
    pub fn note(&self, note: Note) {
        // There may be no listeners.
        let _ = self.notes.send(note);
    }

    /// The newest moment.
    pub fn now(&self) -> Moment {
        self.moment.borrow().clone()
    }

    /// For one client: moments as they change, and all notes from now on.
    pub fn join(&self) -> (watch::Receiver<Moment>, broadcast::Receiver<Note>) {
        (self.moment.subscribe(), self.notes.subscribe())
    }
}
