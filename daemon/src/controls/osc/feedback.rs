//! The messages to the peers of a control. Pure: time is an argument.

use super::clocks::Clocks;
use super::fading::Fading;
use super::guard::Guard;
use super::list::list;
use super::meter::Meter;
use super::peers::Peers;
use super::reports::Reports;
use super::settings::Settings;
use super::words::Words;
use crate::clock::ShowClock;
use crate::edges::cadence::Cadence;
use crate::edges::osc::encode::{Arg, message};
use downbeat_engine::Tick;
use downbeat_engine::pulse::{Pulses, Taken};
use downbeat_protocol::tree::{self, Told, parameter};
use downbeat_protocol::{Event, HostTime, Schema, ShowState, Signal, Tree, Value};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a beat's lamp is lit.
const BLINK: Duration = Duration::from_millis(100);

/// Interval of the daemon's sign of life.
const ALIVE: Duration = Duration::from_secs(1);

/// Maximum of peers that get everything at one time: limits the effect of a flood of requests.
const NEWCOMERS: usize = 32;

/// A report of the receiving threads to the answering one.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The sender, and address for answers.
    pub peer: SocketAddr,
    /// Its time.
    pub at: HostTime,
    /// Its content.
    pub kind: IncomingKind,
}

/// A report about a peer.
#[derive(Clone, Debug)]
pub enum IncomingKind {
    /// It sent this many bytes.
    Bytes(usize),
    /// It is connected by TCP, and so receives what is sent to it.
    Connected,
    /// Its connection has ended.
    Disconnected,
    /// It echoed a text, which shows that it receives.
    Hello(String),
    /// It set this address.
    Set(String),
    /// It requests all values.
    Sync,
    /// It requests the addresses that match this pattern or are below this address.
    List(Arc<Tree>, String),
    /// It sent an invalid message.
    Mistake(String),
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    /// Unproven peers too, within their limit: changes made by hand.
    Everyone,
    /// Only peers proven to receive: everything that moves by itself.
    Known,
}

/// The peers and what they know.
pub struct Feedback {
    name: String,
    clock: ShowClock,
    settings: Settings,
    schema: Arc<Schema>,
    meters: Vec<Meter>,
    words: Words,
    fading: Fading,
    state: Option<ShowState>,
    tick: Option<Arc<Tick>>,
    fresh: bool,
    peers: Peers,
    /// The secret behind the text that a peer must echo.
    secret: RandomState,
    guard: Guard,
    /// Peers that get everything at the next chance.
    newcomers: Vec<SocketAddr>,
    clocks: Clocks,
    reports: Reports,
    pulses: Pulses,
    moving: Cadence,
    heartbeat: Cadence,
    alive: u64,
    /// The lamps lit for this beat, and until when.
    lit: Vec<String>,
    dark_at: Option<HostTime>,
}

impl Feedback {
    /// For the control `name`.
    pub fn new(name: &str, settings: Settings, schema: Arc<Schema>, clock: ShowClock) -> Self {
        Self {
            name: name.into(),
            clock,
            meters: Meter::all(&settings, &schema),
            words: Words::new(&schema),
            fading: Fading::default(),
            state: None,
            tick: None,
            fresh: false,
            peers: Peers::new(settings.feedback_to.clone(), settings.trusted.clone()),
            secret: RandomState::new(),
            guard: Guard::default(),
            newcomers: settings.feedback_to.clone(),
            clocks: Clocks::default(),
            reports: Reports::default(),
            pulses: Pulses::new(1),
            moving: Cadence::hz(settings.rate_hz),
            heartbeat: Cadence::new(ALIVE),
            alive: 0,
            lit: Vec::new(),
            dark_at: None,
            settings,
            schema,
        }
    }

    /// A peer has sent something. Call this before the events that result.
    pub fn receive(&mut self, incoming: &Incoming, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        let peer = incoming.peer;
        // Without feedback, only configured peers get answers.
        if !self.settings.feedback && !self.peers.knows(peer) {
            return;
        }
        match &incoming.kind {
            IncomingKind::Bytes(bytes) if self.peers.receive(peer, *bytes, incoming.at) => self.welcome(peer, tell),
            IncomingKind::Connected => {
                self.peers.receive(peer, 0, incoming.at);
                self.peers.know(peer);
                self.welcome(peer, tell);
            }
            IncomingKind::Disconnected => {
                self.peers.forget(peer);
                self.newcomers.retain(|newcomer| *newcomer != peer);
            }
            IncomingKind::Sync => self.welcome(peer, tell),
            IncomingKind::List(tree, wanted) if self.peers.knows(peer) => match list(tree, wanted) {
                Ok(messages) => messages.iter().for_each(|bytes| self.send(peer, bytes, tell)),
                Err(why) => self.send(peer, &message("/error", &[Arg::Text(&why)]), tell),
            },
            IncomingKind::List(..) => self.welcome(peer, tell),
            IncomingKind::Hello(word) if *word == self.word(peer) && self.peers.know(peer) => self.welcome(peer, tell),
            IncomingKind::Set(address) => self.guard.moved(peer, address, incoming.at),
            IncomingKind::Mistake(why) => self.send(peer, &message("/error", &[Arg::Text(why)]), tell),
            IncomingKind::Bytes(_) | IncomingKind::Hello(_) => {}
        }
    }

    /// Sends a peer everything, once it is proven to receive.
    fn welcome(&mut self, peer: SocketAddr, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        if !self.peers.knows(peer) {
            let word = self.word(peer);
            self.send(peer, &message("/hello", &[Arg::Text(&word)]), tell);
        } else if self.newcomers.len() < NEWCOMERS && !self.newcomers.contains(&peer) {
            self.newcomers.push(peer);
        }
    }

    /// A text that only this peer can echo.
    fn word(&self, peer: SocketAddr) -> String {
        format!("{:016x}", self.secret.hash_one(peer))
    }

    fn send(&mut self, peer: SocketAddr, bytes: &[u8], tell: &mut impl FnMut(SocketAddr, &[u8])) {
        if self.peers.may(peer, bytes.len()) {
            tell(peer, bytes);
        }
    }

    /// Takes an event.
    pub fn observe(&mut self, event: &Event, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        match event {
            Event::Changed { change, .. } => {
                let Some(state) = &mut self.state else { return };
                state.apply(change);
                let entries = tree::of_change(change, state);
                self.tell_all(&entries, To::Everyone, tell);
            }
            Event::State(state) => {
                self.state = Some(state.clone());
                self.newcomers = self.peers.known().collect();
            }
            Event::Refused { from, why } => {
                let peer = from.strip_prefix(&format!("{}:", self.name)).and_then(|peer| peer.parse().ok());
                if let Some(peer) = peer.filter(|peer| self.peers.all().any(|known| known == *peer)) {
                    self.send(peer, &message("/error", &[Arg::Text(why)]), tell);
                }
            }
            Event::Schema(schema) => {
                self.meters = Meter::all(&self.settings, schema);
                self.words = Words::new(schema);
                self.schema = Arc::new(schema.clone());
                self.tick = None;
            }
            Event::Status(status) => {
                let told = self.clocks.take(status);
                let peers: Vec<SocketAddr> = self.peers.known().collect();
                told.iter().for_each(|bytes| peers.iter().for_each(|peer| tell(*peer, bytes)));
                let words = self.reports.take(status);
                self.tell_all(&words, To::Known, tell);
            }
            Event::Timeline { .. } | Event::Message { .. } | Event::Unknown(_) => {}
        }
    }

    /// The layout of rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Takes the newest tick.
    pub fn take(&mut self, tick: Arc<Tick>) {
        if self.state.is_none() {
            self.state = Some(ShowState::clone(&tick.state));
        }
        self.tick = Some(tick);
        self.fresh = true;
    }

    /// When [`run`](Self::run) is next needed unless something happens first.
    pub fn wake_at(&self) -> HostTime {
        if self.peers.is_empty() {
            return HostTime(i64::MAX);
        }
        let due = self.tick.as_ref().and_then(|tick| self.pulses.next_due(&tick.timeline));
        let beat = due.map(|due| self.clock.host(due));
        let meters = self.fresh.then_some(self.moving.next());
        let alive = self.peers.known().next().map(|_| self.heartbeat.next());
        let times = [beat, meters, alive, self.dark_at, self.guard.wake_at()];
        times.into_iter().flatten().min().unwrap_or(HostTime(i64::MAX))
    }

    /// Sends what is due.
    pub fn run(&mut self, now: HostTime, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        let mut released = Vec::new();
        self.guard.release(now, &mut |peer, address, value| released.push((peer, encode(address, value))));
        released.iter().for_each(|(peer, bytes)| self.send(*peer, bytes, tell));
        if self.peers.known().next().is_some() && self.heartbeat.take(now) {
            self.alive = (self.alive + 1) % Signal::COUNTER_WRAP;
            self.tell_all(&[("/daemon/alive".into(), Value::Number(self.alive as f64))], To::Known, tell);
        }
        let Some(tick) = self.tick.clone() else { return };
        self.run_lights(&tick, now, tell);
        if self.fresh && self.moving.take(now) {
            self.fresh = false;
            let meters = self.meters.iter_mut();
            let mut entries: Vec<Told> =
                meters.filter_map(|meter| Some((meter.address.clone(), meter.take(&tick.row)?.into()))).collect();
            entries.extend(self.words.take(&tick));
            entries.extend(self.fading.take(&tick));
            self.tell_all(&entries, To::Known, tell);
        }
        for peer in std::mem::take(&mut self.newcomers) {
            for (address, value) in self.everything(&tick) {
                tell(peer, &encode(&address, &value));
            }
        }
    }

    fn run_lights(&mut self, tick: &Tick, now: HostTime, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        if self.dark_at.take_if(|at| *at <= now).is_some() {
            self.put_out(tell);
        }
        if !tick.beating {
            return self.pulses.stop();
        }
        while let Some(taken) = self.pulses.take(&tick.timeline, self.clock.show(now)) {
            let Taken::Pulse(pulse) = taken else { continue };
            self.put_out(tell);
            self.dark_at = Some(now + BLINK);
            // A moment into the beat, so that rounding does not put it before the beat.
            self.lit = tree::lit(&tick.timeline, pulse.due.offset(1_000_000));
            let lights: Vec<Told> = self.lit.iter().map(|address| (address.clone(), Value::Number(1.0))).collect();
            self.tell_all(&lights, To::Known, tell);
        }
    }

    fn put_out(&mut self, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        let lights: Vec<Told> = self.lit.drain(..).map(|address| (address, Value::Number(0.0))).collect();
        self.tell_all(&lights, To::Known, tell);
    }

    /// The whole tree.
    fn everything(&self, tick: &Tick) -> Vec<Told> {
        let state = self.state.as_ref().unwrap_or(&tick.state);
        let parameters: Vec<&str> = self.schema.signals.iter().filter_map(parameter).collect();
        let set = tree::of_state(state, &parameters);
        let meters = self.meters.iter();
        let meters = meters.filter_map(|meter| Some((meter.address.clone(), Value::from(meter.read(&tick.row)?))));
        let words = self.words.all(tick);
        let version = ("/daemon/version".to_owned(), Value::from(env!("CARGO_PKG_VERSION")));
        let reports = self.reports.all().iter().cloned();
        std::iter::once(version).chain(set).chain(meters).chain(words).chain(reports).collect()
    }

    fn tell_all(&mut self, entries: &[Told], to: To, tell: &mut impl FnMut(SocketAddr, &[u8])) {
        let peers: Vec<SocketAddr> = match to {
            To::Everyone => self.peers.all().collect(),
            To::Known => self.peers.known().collect(),
        };
        for (address, value) in entries {
            let bytes = encode(address, value);
            for peer in &peers {
                if self.guard.admits(*peer, address, value) {
                    self.send(*peer, &bytes, tell);
                }
            }
        }
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
