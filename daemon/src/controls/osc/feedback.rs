//! The messages to the peers of a control. Pure: time is an argument.

mod answers;

use super::clocks::Clocks;
use super::fading::Fading;
use super::guard::Guard;
use super::incoming::{Incoming, IncomingKind};
use super::lights::Lights;
use super::meter::Meter;
use super::outbox::Outbox;
use super::peers::Peers;
use super::reminder::Reminder;
use super::reports::Reports;
use super::requests::Requests;
use super::settings::Settings;
use super::shared::Shared;
use super::words::Words;
use crate::clock::ShowClock;
use crate::controls::attempts::Attempts;
use crate::controls::echoes::Echoes;
use crate::controls::news::News;
use crate::edges::cadence::Cadence;
use crate::edges::osc::encode::{Arg, message};
use downbeat_engine::Tick;
use downbeat_protocol::tree::{self, Present, Told, parameter};
use downbeat_protocol::{Command, Event, HostTime, Schema, Signal, Status, Value};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Interval of the daemon's sign of life.
const ALIVE: Duration = Duration::from_secs(1);

/// When what a peer could not take yet is tried again.
const AGAIN: Duration = Duration::from_millis(2);

/// The peers and what they know.
pub struct Feedback {
    name: String,
    clock: ShowClock,
    settings: Settings,
    schema: Arc<Schema>,
    meters: Vec<Meter>,
    words: Words,
    fading: Fading,
    news: News,
    tick: Option<Arc<Tick>>,
    fresh: bool,
    peers: Peers,
    /// What the receiving threads must know.
    shared: Shared,
    /// What all controls and pages were told lately.
    echoes: Echoes,
    guard: Guard,
    /// What peers tried to set.
    attempts: Attempts,
    /// Peers that get everything at the next chance.
    newcomers: Vec<SocketAddr>,
    /// What waits for each peer that is known to receive.
    outboxes: BTreeMap<SocketAddr, Outbox>,
    /// When the next packets can leave.
    due: Option<HostTime>,
    clocks: Clocks,
    reports: Reports,
    /// What they have to say.
    reported: Vec<Told>,
    said: Vec<Vec<u8>>,
    lights: Lights,
    reminder: Reminder,
    requests: Requests,
    moving: Cadence,
    heartbeat: Cadence,
    alive: u64,
}

impl Feedback {
    /// For the control `name`.
    pub fn new(name: &str, settings: Settings, schema: Arc<Schema>, clock: ShowClock, echoes: Echoes) -> Self {
        let mut feedback = Self {
            name: name.into(),
            clock,
            meters: Meter::all(&settings, &schema),
            words: Words::new(&schema),
            fading: Fading::default(),
            news: News::default(),
            tick: None,
            fresh: false,
            peers: Peers::new(settings.feedback_to.clone(), settings.trusted.clone()),
            shared: Shared::default(),
            echoes,
            guard: Guard::default(),
            attempts: Attempts::default(),
            newcomers: settings.feedback_to.clone(),
            outboxes: BTreeMap::new(),
            due: None,
            clocks: Clocks::default(),
            reports: Reports::default(),
            reported: Vec::new(),
            said: Vec::new(),
            lights: Lights::default(),
            reminder: Reminder::default(),
            requests: Requests::default(),
            moving: Cadence::hz(settings.rate_hz),
            heartbeat: Cadence::new(ALIVE),
            alive: 0,
            settings,
            schema,
        };
        feedback.share();
        feedback
    }

    /// What the receiving threads must know.
    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// A peer has sent something. Call this before the events that result.
    pub fn receive(&mut self, incoming: &Incoming, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        let (peer, now) = (incoming.peer, incoming.at);
        // Without feedback, only configured peers get answers.
        if !self.settings.feedback && !self.peers.knows(peer) {
            return;
        }
        match &incoming.kind {
            IncomingKind::Bytes(bytes) => {
                if self.peers.receive(peer, *bytes, now) {
                    self.welcome(peer, now, tell);
                }
            }
            IncomingKind::Connected => {
                self.peers.know(peer, true, now);
                self.share();
                self.welcome(peer, now, tell);
            }
            IncomingKind::Disconnected => {
                self.peers.forget(peer);
                self.attempts.forget(peer);
                self.newcomers.retain(|newcomer| *newcomer != peer);
                self.share();
            }
            IncomingKind::Sync if self.peers.knows(peer) && !self.requests.sync(peer, now) => {}
            IncomingKind::List(tree, wanted) if self.peers.knows(peer) => self.list(peer, (tree, wanted), now, tell),
            IncomingKind::Sync | IncomingKind::List(..) => self.welcome(peer, now, tell),
            IncomingKind::Hello(word) => {
                if self.shared.greeting().is_word(word, peer, now) && self.peers.know(peer, false, now) {
                    self.share();
                    self.welcome(peer, now, tell);
                }
            }
            IncomingKind::Set(address) => {
                self.peers.commanded(peer, now);
                if self.guard.has_room(peer, self.peers.knows(peer)) {
                    self.guard.moved(peer, address, now);
                }
            }
            IncomingKind::Tried(node, value) => self.attempts.note(peer, node, value, now),
            IncomingKind::Mistake(why) => self.complain(peer, why, now, tell),
            IncomingKind::Unproven(why) => {
                self.complain(peer, why, now, tell);
                self.greet(peer, now, tell);
            }
        }
    }

    /// Takes an event. What it changes is told by [`run`](Self::run).
    pub fn observe(
        &mut self,
        event: &Event,
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        self.news.observe(event);
        match event {
            Event::Refused { from, why } => {
                let peer = from.strip_prefix(&self.name).and_then(|rest| rest.strip_prefix(':'));
                let peer =
                    peer.and_then(|peer| peer.trim_end_matches([Command::UNPROVEN, Command::OF_THE_RIG]).parse().ok());
                if let Some(peer) = peer.filter(|peer| self.peers.all().any(|known| known == *peer)) {
                    self.complain(peer, why, now, tell);
                }
            }
            Event::Schema(schema) => {
                self.meters = Meter::all(&self.settings, schema);
                self.words = Words::new(schema);
                self.schema = Arc::new(schema.clone());
                self.tick = None;
            }
            Event::Status(status) => {
                self.said = self.clocks.take(status);
                self.reported = self.reports.take(status);
            }
            Event::Changed { .. }
            | Event::State(_)
            | Event::Timeline { .. }
            | Event::Message { .. }
            | Event::Unknown(_) => {}
        }
    }

    /// The layout of rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Takes the newest tick, after its events. `coalesced` is whether some of those are missing.
    pub fn take(&mut self, tick: Arc<Tick>, coalesced: bool) {
        self.news.expect(&tick.state, coalesced);
        self.tick = Some(tick);
        self.fresh = true;
    }

    /// When [`run`](Self::run) is next needed unless something happens first.
    pub fn wake_at(&self) -> HostTime {
        if self.peers.is_empty() {
            return HostTime(i64::MAX);
        }
        let lights = self.tick.as_ref().and_then(|tick| self.lights.wake_at(tick, &self.clock));
        let meters = self.fresh.then_some(self.moving.next());
        let alive = self.peers.known().next().map(|_| self.heartbeat.next());
        let again = self.peers.by_datagrams().next().map(|_| self.reminder.wake_at());
        let attempts = self.tick.as_ref().and_then(|_| self.attempts.wake_at());
        let times = [lights, meters, alive, again, self.guard.wake_at(), attempts, self.due];
        times.into_iter().flatten().min().unwrap_or(HostTime(i64::MAX))
    }

    /// Sends what is due.
    pub fn run(&mut self, now: HostTime, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        self.peers.tidy(now);
        self.share();
        let mut released = Vec::new();
        self.guard.release(now, &mut |peer, address, value| {
            released.push((peer, address.to_owned(), value.clone()));
        });
        released.iter().for_each(|(peer, address, value)| self.tell_all(&[(address, value)], &[*peer], now, tell));
        self.tell_changes(now, tell);
        self.tell_truth(now, tell);
        let reported = std::mem::take(&mut self.reported);
        self.tell_known(&reported, now, tell);
        for bytes in std::mem::take(&mut self.said) {
            let address =
                String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
            let peers: Vec<SocketAddr> = self.peers.known().collect();
            peers.into_iter().for_each(|peer| self.send(peer, &address, &bytes, now, tell));
        }
        if self.peers.known().next().is_some() && self.heartbeat.take(now) {
            self.alive = (self.alive + 1) % Signal::COUNTER_WRAP;
            self.tell_known(&[("/daemon/alive".into(), Value::Number(self.alive as f64))], now, tell);
        }
        for peer in self.peers.ask_again(now) {
            self.greet(peer, now, tell);
        }
        for peer in self.requests.due(now) {
            self.welcome(peer, now, tell);
        }
        if let Some(tick) = self.tick.clone() {
            self.run_moving(&tick, now, tell);
            self.remind(&tick, now, tell);
        }
        self.outboxes.retain(|peer, _| self.peers.knows(*peer));
        self.outboxes.iter_mut().for_each(|(peer, outbox)| outbox.run(now, &mut |bytes| tell(*peer, bytes)));
        self.due = self.outboxes.values().any(|outbox| !outbox.is_empty()).then_some(now + AGAIN);
    }

    /// What moves by itself, and everything for newcomers.
    fn run_moving(&mut self, tick: &Tick, now: HostTime, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        let lights = self.lights.run(tick, now, &self.clock);
        lights.iter().for_each(|(address, value)| self.reminder.changed(address, value, now));
        self.tell_known(&lights, now, tell);
        if self.fresh && self.moving.take(now) {
            self.fresh = false;
            let meters = self.meters.iter_mut();
            let mut entries: Vec<Told> =
                meters.filter_map(|meter| Some((meter.address.clone(), meter.take(&tick.row)?.into()))).collect();
            entries.extend(self.words.take(tick));
            entries.extend(self.fading.take(tick));
            self.tell_known(&entries, now, tell);
        }
        let newcomers = std::mem::take(&mut self.newcomers);
        if !newcomers.is_empty() {
            let everything = self.everything(tick);
            let everything: Vec<_> = everything.iter().map(|(address, value)| (address, value)).collect();
            self.tell_all(&everything, &newcomers, now, tell);
        }
    }

    /// Tells again what a packet may have been lost of.
    fn remind(&mut self, tick: &Tick, now: HostTime, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        let peers: Vec<SocketAddr> = self.peers.by_datagrams().collect();
        if peers.is_empty() || !self.reminder.is_due(now) {
            return;
        }
        let all = self.everything(tick);
        let due = self.reminder.take(now, all);
        let due: Vec<_> = due.iter().map(|(address, value)| (address, value)).collect();
        self.tell_all(&due, &peers, now, tell);
    }

    /// Tells how the state of the newest tick differs from the one told before.
    fn tell_changes(&mut self, now: HostTime, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        let Some(tick) = &self.tick else { return };
        let entries = self.news.take(&tick.state, &self.schema);
        if entries.is_empty() {
            return;
        }
        entries.iter().for_each(|(address, value)| self.reminder.changed(address, value, now));
        // Strangers too, within their limit: changes made by hand.
        let peers: Vec<SocketAddr> = self.peers.all().collect();
        let entries: Vec<_> = entries.iter().map(|(address, value)| (address, value)).collect();
        self.tell_all(&entries, &peers, now, tell);
    }

    /// Tells peers what they tried to change in vain: they show what they sent.
    fn tell_truth(&mut self, now: HostTime, tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized)) {
        let Some(tick) = self.tick.clone() else { return };
        let Tick { state, row, timeline, .. } = &*tick;
        // Nothing in the status can be set.
        let (status, present) = (Status::default(), self.clock.show(now));
        let present = Present { state, row, timeline, now: present, status: &status };
        for (peer, address, value) in self.attempts.take(now, &present) {
            self.tell_all(&[(&address, &value)], &[peer], now, tell);
        }
    }

    /// The number of beats since the last call that were not shown because they were too late.
    pub fn take_missed(&mut self) -> u64 {
        self.lights.take_missed()
    }

    /// The number of requests since the last call that were refused because there were too many.
    pub fn take_refused(&mut self) -> u64 {
        self.requests.take_refused()
    }

    /// The whole tree.
    fn everything(&self, tick: &Tick) -> Vec<Told> {
        let parameters: Vec<&str> = self.schema.signals.iter().filter_map(parameter).collect();
        let mut set = tree::of_state(&tick.state, &parameters);
        // What moves is on its way, not where it will end.
        let fades = &tick.state.fades;
        set.iter_mut().for_each(|(address, value)| {
            if let Some(fade) = fades.get(address) {
                *value = fade.at(tick.row.time).into();
            }
        });
        let meters = self.meters.iter();
        let meters = meters.filter_map(|meter| Some((meter.address.clone(), Value::from(meter.read(&tick.row)?))));
        let words = self.words.all(tick);
        let version = ("/daemon/version".to_owned(), Value::from(env!("CARGO_PKG_VERSION")));
        let reports = self.reports.all().iter().cloned();
        let lights = self.lights.all();
        std::iter::once(version).chain(set).chain(meters).chain(words).chain(reports).chain(lights).collect()
    }

    /// Only peers proven to receive: everything that moves by itself.
    fn tell_known(
        &mut self,
        entries: &[Told],
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        let peers: Vec<SocketAddr> = self.peers.known().collect();
        let entries: Vec<_> = entries.iter().map(|(address, value)| (address, value)).collect();
        self.tell_all(&entries, &peers, now, tell);
    }

    fn tell_all(
        &mut self,
        entries: &[(&String, &Value)],
        peers: &[SocketAddr],
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        for (address, value) in entries {
            let bytes = encode(address, value);
            for peer in peers {
                // Whoever has just set it knows it without being told.
                if self.guard.admits(*peer, address, value) {
                    self.attempts.told(*peer, address);
                    self.send(*peer, address, &bytes, now, tell);
                }
            }
            // Whoever listens: other controls, pages and outputs tell it, too.
            self.echoes.told(address, value, now);
        }
    }

    fn send(
        &mut self,
        peer: SocketAddr,
        address: &str,
        bytes: &[u8],
        now: HostTime,
        tell: &mut (impl FnMut(SocketAddr, &[u8]) -> bool + ?Sized),
    ) {
        if self.peers.knows(peer) {
            let outbox = self.outboxes.entry(peer).or_insert_with(|| Outbox::new(now));
            outbox.tell(address, bytes, now, &mut |bytes| tell(peer, bytes));
        } else if self.peers.may(peer, bytes.len()) {
            tell(peer, bytes);
        }
    }

    /// Lets the receiving threads know.
    fn share(&mut self) {
        self.shared.know(self.peers.known().collect(), self.peers.of_the_rig().collect());
    }
}

/// Numbers and switches as floats, which is what TouchOSC sends and every surface takes.
fn encode(address: &str, value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => message(address, &[Arg::Text(text)]),
        other => message(address, &[Arg::Float(other.number().unwrap_or(0.0) as f32)]),
    }
}

#[cfg(test)]
mod tests;
