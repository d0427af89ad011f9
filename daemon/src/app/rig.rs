//! The running edges: outputs, controls, servers, each on its own thread.

use super::open::Prepared;
use crate::dispatch::{Audible, Closer, Fanout, Health};
use crate::keeper::Keeper;
use crate::status::{Roster, Section};
use crate::threads::Threads;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Everything that reads feeds.
#[derive(Default)]
pub(super) struct Rig {
    pub threads: Threads,
    pub fanout: Fanout,
    pub roster: Roster,
    /// What ends each edge, and its entry, by the name of its thread.
    edges: BTreeMap<String, (Closer, Section, String)>,
}

impl Rig {
    /// For readers of a fan-out, who are listed in a roster.
    pub fn new(fanout: Fanout, roster: Roster) -> Self {
        Self { fanout, roster, ..Self::default() }
    }

    /// Starts the thread of an edge.
    pub fn launch(&mut self, prepared: Prepared) -> io::Result<()> {
        let Prepared { edge, entry, thread, audible, .. } = prepared;
        let feed = self.fanout.feed(Arc::clone(&entry.health), audible);
        self.edges.insert(thread.clone(), (feed.closer(), entry.section, entry.name.clone()));
        self.roster.enter(entry);
        self.threads.start(thread, move || edge.run(&feed))
    }

    /// Tells an edge to end. Its entry stays if it is opened again.
    pub fn close(&mut self, thread: &str, opens_again: bool) {
        if let Some((closer, section, name)) = self.edges.remove(thread) {
            closer.close();
            if !opens_again {
                self.roster.remove(section, &name);
            }
        }
    }

    /// Waits until the thread of a closed edge has ended, at most this long. One that has not is abandoned.
    pub fn wait_for_end(&mut self, thread: &str, patience: Duration) {
        if !self.threads.wait_for(thread, patience) {
            tracing::warn!("the thread {thread} did not stop in time; abandoning it");
        }
    }

    /// Ends all edges and the keeper, and waits until the edges have, at most this long. The keeper has longer: an edge
    /// that hangs must not cost the state.
    pub fn close_all(&mut self, patience: Duration) {
        self.fanout.close();
        let deadline = Instant::now() + patience;
        for thread in std::mem::take(&mut self.edges).into_keys() {
            self.wait_for_end(&thread, deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// Starts the thread that keeps the state.
    pub fn keep(&mut self, keeper: Keeper) -> io::Result<()> {
        let health = Arc::new(Health::default());
        let feed = self.fanout.feed(Arc::clone(&health), Audible::Always);
        self.threads.start("keep", move || keeper.run(&feed, &health))
    }
}
