//! Starts the threads that read feeds: outputs, controls, and the keeper of the state.

use super::open::Opened;
use crate::dispatch::{Audible, Fanout, Feed, Health};
use crate::keeper::Keeper;
use crate::outputs::{OUTPUTS, runner};
use crate::server;
use crate::status::{Entry, Roster};
use crate::threads::Threads;
use crate::web;
use downbeat_protocol::Schema;
use std::io;
use std::sync::Arc;

/// Everything that reads feeds.
#[derive(Default)]
pub(super) struct Rig {
    pub threads: Threads,
    pub fanout: Fanout,
    pub roster: Roster,
}

impl Rig {
    /// Starts a thread for each server, each output and each control, and for the keeper. On failure those already
    /// started keep running: the caller ends them.
    pub fn launch(&mut self, opened: Opened, schema: &Arc<Schema>, keeper: Option<Keeper>) -> io::Result<()> {
        if let Some(server) = opened.server {
            let (entry, feed) = self.enter(server::NAME.into(), "quic".into(), server.place(), Audible::Always);
            self.roster.outputs.push(entry.clone());
            self.threads.start(server::NAME, move || server.run(&feed, &entry.health))?;
        }
        if let Some(web) = opened.web {
            let (entry, feed) = self.enter(web::NAME.into(), "web".into(), web.place().to_string(), Audible::Always);
            self.roster.controls.push(entry.clone());
            self.threads.start(web::NAME, move || web.run(&feed, &entry.health))?;
        }
        for (peer, policy, output) in opened.outputs {
            let kind = OUTPUTS.iter().find(|known| known.kind == peer.kind);
            let audible = kind.map_or(Audible::Always, |kind| kind.audible);
            let (entry, feed) = self.enter(peer.name, peer.kind, output.target(), audible);
            self.roster.outputs.push(entry.clone());
            let (schema, name) = (Arc::clone(schema), entry.name.clone());
            let run = move || runner::run(&entry.name, output, policy, &schema, &feed, &entry.health);
            self.threads.start(format!("out:{name}"), run)?;
        }
        for (peer, control) in opened.controls {
            let (entry, feed) = self.enter(peer.name, peer.kind, control.listens(), Audible::Always);
            self.roster.controls.push(entry.clone());
            self.threads.start(format!("in:{}", entry.name), move || control.run(feed, entry.health))?;
        }
        if let Some(keeper) = keeper {
            let health = Arc::new(Health::default());
            let feed = self.fanout.feed(Arc::clone(&health), Audible::Always);
            self.threads.start("keep", move || keeper.run(&feed, &health))?;
        }
        Ok(())
    }

    fn enter(&mut self, name: String, kind: String, place: String, audible: Audible) -> (Entry, Feed) {
        let health = Arc::new(Health::default());
        let feed = self.fanout.feed(Arc::clone(&health), audible);
        (Entry { name, kind, place, health }, feed)
    }
}
