//! The hop thread: samples in, one tick per hop out. Its only I/O is the clock.

use crate::board::{Board, HopReport};
use crate::clock::{ShowClock, host_now};
use crate::dispatch::{Fanout, Spread, fit_to_tell};
use crate::door::Visitors;
use crate::realtime::{Rank, elevate};
use crate::server::peers::Leadership;
use crate::server::peers::{Part, PartSlot};
use crate::threads;
use crossbeam_channel::{Receiver, Sender};
use downbeat_analysis::Settings;
use downbeat_audio::{Block, Got, Source};
use downbeat_engine::listener::{Listener, Stretch};
use downbeat_engine::{Adoption, Hearing, Lead, Tick};
use downbeat_protocol::{Action, Command, Event, HostTime, ShowTime};
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Hops without audio (or blocks, if longer) after which the clock drives the ticks.
const PATIENCE: f64 = 2.0;
/// Time without audio after which every bus is at rest; a shorter gap is a hiccup, and levels hold.
const REST: Duration = Duration::from_millis(100);
/// How long commands may take in a hop: less than half of it.
const OBEYING: Duration = Duration::from_millis(2);
/// Maximum of urgent commands in a hop that has no time left.
const OVERTAKING: usize = 64;
/// Maximum of refusals by the standby that are passed on in a hop.
const REFUSALS: usize = 64;
/// How often the board gets a report.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// The parts of the hop thread.
pub struct Hop {
    /// The source of samples.
    pub source: Box<dyn Source>,
    /// The analysis.
    pub listener: Listener,
    /// The number of buses.
    pub buses: usize,
    /// The show clock.
    pub clock: ShowClock,
    /// Whether samples come faster than real time: the present is then their capture time.
    pub hurried: bool,
    /// The one door for commands.
    pub door: Visitors,
    /// The queue for commands while another daemon leads.
    pub forward: Sender<Command>,
    /// Commands that reached no leader: their senders, and why.
    pub refusals: Receiver<(String, String)>,
    /// The role to take: leader or standby.
    pub part: PartSlot,
    /// The standing of this daemon.
    pub leadership: Leadership,
    /// The receivers of ticks and events.
    pub fanout: Fanout,
    /// The receiver of the report.
    pub board: Arc<Board>,
    /// Configurations to adopt.
    pub adoptions: Receiver<Box<Adoption>>,
    /// Where requests to read the configuration go, with their senders.
    pub reload: Sender<String>,
    /// Set to end.
    pub stop: Arc<AtomicBool>,
}

impl Hop {
    /// Runs until told to stop.
    pub fn run(self) {
        elevate(Rank::Hop);
        let now = host_now();
        Running {
            block: Block::default(),
            events: Vec::new(),
            watch: Stopwatch::new(),
            heard_at: now,
            next_pass: now,
            next_report: now,
            delay_ns: 0,
            resting: false,
            unheard: false,
            absence: Absence::Loss,
            coasting: false,
            led: self.leadership.leads(),
            hop: self,
        }
        .run();
    }
}

/// What a lack of samples means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absence {
    /// The audio was lost.
    Loss,
    /// The server does something else for a while.
    Suspension,
    /// The files are over.
    End,
}

struct Running {
    hop: Hop,
    block: Block,
    events: Vec<Event>,
    watch: Stopwatch,
    /// When audio last arrived.
    heard_at: HostTime,
    /// When the clock drives the next tick, unless audio arrives before.
    next_pass: HostTime,
    next_report: HostTime,
    /// The age of the last samples.
    delay_ns: i64,
    resting: bool,
    /// The stream cannot be analysed: it is as if nothing came.
    unheard: bool,
    /// What a lack of samples means.
    absence: Absence,
    /// Whether the log has been told that the beat continues without audio.
    coasting: bool,
    /// Whether this daemon led when the last tick was sent.
    led: bool,
}

impl Running {
    fn run(mut self) {
        while !self.hop.stop.load(Relaxed) {
            threads::beat();
            let patience = host_now().until(self.next_pass);
            match self.hop.source.next(&mut self.block, patience) {
                Got::Block if !self.unheard => self.analyse(),
                // A source that is never late must not take the whole processor.
                Got::Block => std::thread::sleep(patience.min(self.hops(1.0))),
                Got::Nothing => {}
                Got::Started { sample_rate } => self.start(sample_rate),
                // The source has already told the operator.
                Got::Lost { why } => {
                    tracing::debug!("audio: {why}");
                    self.absent(Absence::Loss);
                }
                Got::Suspended { why } => {
                    tracing::debug!("audio: {why}");
                    self.absent(Absence::Suspension);
                }
                Got::End => {
                    self.absence = Absence::End;
                    std::thread::sleep(patience);
                }
            }
            let now = host_now();
            if now >= self.next_pass {
                self.pass(now);
            }
            if now >= self.next_report {
                self.next_report = now + REPORT_EVERY;
                self.report();
            }
        }
    }

    fn start(&mut self, sample_rate: f64) {
        let settings = Settings { sample_rate, ..*self.hop.listener.settings() };
        let started = self.hop.listener.restart(settings);
        match started {
            Ok(()) => tracing::debug!("audio: a stream of {sample_rate} Hz starts"),
            Err(ref error) => tracing::warn!("audio: {error}"),
        }
        self.unheard = started.is_err();
    }

    fn analyse(&mut self) {
        self.take_part();
        self.obey();
        let begun = host_now();
        let leads = self.led;
        let Self { hop: Hop { listener, clock, fanout, board, hurried, .. }, block, events, watch, delay_ns, .. } =
            self;
        let received = HostTime(block.received_host_ns);
        board.stages.capture.record(block.received_host_ns - block.time_host_ns);
        let stretch = Stretch {
            channels: &block.channels,
            first_sample: block.first_sample,
            time: clock.show(HostTime(block.time_host_ns)),
            received,
        };
        let clock = &*clock;
        let present = |time: ShowTime| if *hurried { time } else { clock.now() };
        listener.push(stretch, events, present, |tick, events| {
            *delay_ns = clock.now().since(tick.row.time).max(0);
            send(fanout, board, clock, tick, events, leads);
            board.stages.hop.record(host_now().since(received));
            watch.lap();
        });
        watch.worked(host_now().since(begun), &board.stages.computing);
        (self.resting, self.absence) = (false, Absence::Loss);
        self.heard_at = begun;
        self.next_pass = begun + self.hops(PATIENCE);
    }

    /// A hop's time without audio: beats, taps and holds continue by the clock.
    fn pass(&mut self, now: HostTime) {
        self.take_part();
        self.obey();
        if !self.resting && now >= self.heard_at + REST {
            self.absent(self.absence);
        }
        let present = self.hop.clock.show(now);
        let tick = self.hop.listener.pass(present.offset(-self.delay_ns), present, now, &mut self.events);
        let Hop { fanout, board, clock, .. } = &self.hop;
        send(fanout, board, clock, tick, &mut self.events, self.led);
        let next = self.next_pass + self.hops(1.0);
        self.next_pass = if next > now { next } else { now + self.hops(1.0) };
    }

    /// No samples come, for a known reason or for too long.
    fn absent(&mut self, absence: Absence) {
        (self.absence, self.resting) = (absence, true);
        self.hop.listener.rest(match absence {
            Absence::Loss => Hearing::Lost,
            Absence::Suspension => Hearing::Suspended,
            Absence::End => Hearing::Live,
        });
    }

    fn obey(&mut self) {
        let now = self.hop.clock.now();
        if let Ok(adoption) = self.hop.adoptions.try_recv() {
            self.hop.listener.engine().adopt(*adoption, &mut self.events);
        }
        let refusals = self.hop.refusals.try_iter().take(REFUSALS);
        self.events.extend(refusals.map(|(from, why)| Event::Refused { from, why }));
        // Whoever sends without end does not hold up the hop: what takes too long is carried on in the next one.
        let end = host_now() + OBEYING;
        let mut overtaking = 0;
        loop {
            let is_late = host_now() >= end;
            overtaking += usize::from(is_late);
            if overtaking > OVERTAKING {
                break;
            }
            let Some(command) = self.hop.door.next(is_late) else { break };
            if command.what == Action::Reload {
                // One request waits at most: it reads everything.
                let _ = self.hop.reload.try_send(Command::shown(&command.from).to_owned());
                continue;
            }
            if self.led && !command.what.is_about_lead() {
                self.hop.listener.engine().command(command, now, &mut self.events);
                continue;
            }
            let why = "this daemon stands by and cannot reach the leader: try again";
            let crowded = self.hop.forward.capacity().is_some_and(|room| self.hop.forward.len() >= room / 8);
            if crowded && Command::host(&command.from).is_none() {
                self.events.push(Event::Refused { from: command.from, why: why.into() });
            } else if let Err(error) = self.hop.forward.try_send(command) {
                self.events.push(Event::Refused { from: error.into_inner().from, why: why.into() });
            }
        }
    }

    /// Leads or stands by, as decided.
    fn take_part(&mut self) {
        let hop_time = self.hops(1.0);
        let now = self.hop.clock.now();
        let Hop { listener, part, leadership, fanout, .. } = &mut self.hop;
        match part.take() {
            Some(Part::Lead(term, leader, missed)) => {
                listener.engine().take_over(&leader, now, hop_time, &mut self.events);
                leadership.set(term, true);
                missed.into_iter().for_each(|command| listener.engine().command(command, now, &mut self.events));
            }
            Some(Part::StandBy(leader)) => listener.engine().mirror(&leader, now, hop_time, &mut self.events),
            None => {}
        }
        let leads = leadership.leads();
        if self.led && !leads {
            fanout.fall_silent();
        }
        self.led = leads;
    }

    /// The length of this many hops, or of blocks if longer.
    fn hops(&self, count: f64) -> Duration {
        let settings = self.hop.listener.settings();
        let samples = if count > 1.0 { settings.hop.max(self.block.frames) } else { settings.hop };
        Duration::from_secs_f64(count * samples as f64 / settings.sample_rate)
    }

    fn report(&mut self) {
        let cancels = (0..self.hop.buses).map(|bus| self.hop.listener.cancels(bus)).collect();
        let engine = self.hop.listener.engine();
        let report = HopReport {
            cancels,
            music: (0..self.hop.buses).map(|bus| engine.music(bus)).collect(),
            lead: engine.leader().into(),
            by_hand: engine.lead() == Lead::Manual,
            lock: engine.lock(),
            locked_why: engine.lock_words(),
            why: engine.why().into(),
            source: self.hop.source.report(),
            hop_p99_us: self.watch.p99_us(),
        };
        let coasting = engine.is_coasting();
        if std::mem::replace(&mut self.coasting, coasting) != coasting && self.led {
            if coasting {
                tracing::warn!("audio: lost; the beat goes on by the clock ({})", report.locked_why);
            } else {
                tracing::info!("audio: the beat no longer goes on by the clock ({})", report.why);
            }
        }
        self.hop.board.put(report);
    }
}

/// Together, so that readers of the tick's state know its causes.
fn send(fanout: &Fanout, board: &Board, clock: &ShowClock, tick: Tick, events: &mut Vec<Event>, leads: bool) {
    let told = events.drain(..).map(|event| as_heard(fit_to_tell(event), &tick, clock)).map(Arc::new);
    let events: Vec<Arc<Event>> = told.collect();
    fanout.hop(&events, &Arc::new(tick), leads);
    board.count_hop();
}

/// A message by the time at which its row was heard: what an input takes to arrive is no delay of the message.
fn as_heard(event: Event, tick: &Tick, clock: &ShowClock) -> Event {
    match event {
        Event::Message { output, address, value, by, at } => {
            let at = clock.show(tick.heard).offset(at.since(tick.row.time));
            Event::Message { output, address, value, by, at }
        }
        other => other,
    }
}

/// Measures the computing time of hops; several, or only a part of one, may come at once.
struct Stopwatch {
    histogram: Histogram<u64>,
    laps: u64,
    worked_ns: u64,
}

impl Stopwatch {
    /// Maximum of the histogram: one second.
    const LONGEST_NS: u64 = 1_000_000_000;

    fn new() -> Self {
        // Two digits of a percentile are enough for a person; these bounds are always valid.
        let histogram = Histogram::new_with_bounds(1, Self::LONGEST_NS, 2);
        let histogram = histogram.unwrap_or_else(|error| unreachable!("constant bounds: {error}"));
        Self { histogram, laps: 0, worked_ns: 0 }
    }

    fn lap(&mut self) {
        self.laps += 1;
    }

    /// Adds some work, which finished the laps since the last call.
    fn worked(&mut self, ns: i64, spread: &Spread) {
        self.worked_ns += u64::try_from(ns).unwrap_or(0);
        if let Some(each_ns) = self.worked_ns.checked_div(self.laps) {
            self.histogram.saturating_record_n(each_ns, self.laps);
            spread.record_many(i64::try_from(each_ns).unwrap_or(i64::MAX), self.laps);
            self.laps = 0;
            self.worked_ns = 0;
        }
    }

    fn p99_us(&self) -> f64 {
        self.histogram.value_at_quantile(0.99) as f64 * 1e-3
    }
}

#[cfg(test)]
mod tests;
