//! The newest state, for every client.

use super::notes::{Changes, Refused};
use super::{NAME, WebContext};
use crate::clock::{ShowClock, host_now};
use crate::dispatch::Wake;
use downbeat_engine::Tick;
use downbeat_protocol::tree::Present;
use downbeat_protocol::{Event, Row, Schema, ShowState, ShowTime, Status, Timeline, Tree};
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Maximum of refusals waiting for one client. Beyond it the oldest are dropped.
const REFUSALS: usize = 256;

/// The show now. Cheap to clone.
#[derive(Clone)]
pub struct Moment {
    tick: Arc<Tick>,
    status: Arc<Status>,
    schema: Arc<Schema>,
    clock: ShowClock,
    /// When it came.
    at: ShowTime,
    /// All current addresses.
    pub tree: Arc<Tree>,
}

impl Moment {
    /// The moment until the audio starts.
    pub fn first(context: &WebContext) -> Self {
        let tick = Tick {
            row: Row { values: vec![0.0; context.schema.width()].into(), ..Row::default() },
            timeline: Timeline::default(),
            state: Arc::clone(&context.state),
            beating: false,
            heard: host_now(),
        };
        Self::new(tick, Arc::clone(&context.schema), context.clock.clone())
    }

    /// Before any event.
    pub fn new(tick: Tick, schema: Arc<Schema>, clock: ShowClock) -> Self {
        let status = Arc::<Status>::default();
        let tree = Arc::new(Tree::new(&tick.state, &schema, &status));
        let at = clock.now();
        Self { tick: Arc::new(tick), status, schema, clock, at, tree }
    }

    /// Takes the news; returns the refusals for pages.
    pub fn take(&mut self, wake: &Wake) -> Vec<Refused> {
        let mut refusals = Vec::new();
        self.at = self.clock.now();
        if let Some(tick) = &wake.tick {
            self.tick = Arc::clone(tick);
        }
        // The sources of the tree rarely change, and a status comes four times a second: that is soon enough.
        let (mut anew, mut other_layout) = (false, false);
        for event in &wake.events {
            match &**event {
                Event::Status(status) => {
                    self.status = Arc::new(status.clone());
                    anew = true;
                }
                Event::Schema(schema) => {
                    self.schema = Arc::new(schema.clone());
                    (anew, other_layout) = (true, true);
                }
                Event::State(_) => anew = true,
                Event::Refused { from, why } if from.strip_prefix(NAME).is_some_and(|it| it.starts_with(':')) => {
                    refusals.push(Refused { from: from.clone(), why: why.clone() });
                }
                Event::Refused { .. }
                | Event::Changed { .. }
                | Event::Timeline { .. }
                | Event::Message { .. }
                | Event::Unknown(_) => {}
            }
        }
        if anew {
            let tree = Tree::new(&self.tick.state, &self.schema, &self.status);
            if other_layout || Changes::between(&self.tree, &tree).is_some() {
                self.tree = Arc::new(tree);
            }
        }
        refusals
    }

    /// The present, to read nodes from.
    pub fn present(&self) -> Present<'_> {
        Present { now: self.clock.now(), ..self.as_told() }
    }

    /// The present when this moment came: what moves by itself is told alike to all sockets.
    pub fn as_told(&self) -> Present<'_> {
        let Tick { state, row, timeline, .. } = &*self.tick;
        Present { state, row, timeline, now: self.at, status: &self.status }
    }

    /// The state of the show.
    pub fn state(&self) -> &Arc<ShowState> {
        &self.tick.state
    }

    /// The layout of the rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

/// Between the feed's thread and the sockets. Clones share it.
#[derive(Clone)]
pub struct Hub {
    moment: watch::Sender<Moment>,
    refusals: broadcast::Sender<Refused>,
}

impl Hub {
    /// Starts with a moment.
    pub fn new(moment: Moment) -> Self {
        Self { moment: watch::Sender::new(moment), refusals: broadcast::Sender::new(REFUSALS) }
    }

    /// Replaces the moment: the newest wins.
    pub fn put(&self, moment: Moment) {
        self.moment.send_replace(moment);
    }

    /// Passes a refusal on to its listener.
    pub fn refuse(&self, refused: Refused) {
        // There may be no listeners.
        let _ = self.refusals.send(refused);
    }

    /// The newest moment.
    pub fn now(&self) -> Moment {
        self.moment.borrow().clone()
    }

    /// For one client: moments as they change, and all refusals from now on.
    pub fn join(&self) -> (watch::Receiver<Moment>, broadcast::Receiver<Refused>) {
        (self.moment.subscribe(), self.refusals.subscribe())
    }
}
