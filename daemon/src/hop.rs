//! The hop thread: samples in, one tick per hop out. Its only I/O is the clock.

use crate::board::{Board, HopReport};
use crate::clock::{ShowClock, host_now};
use crate::dispatch::Fanout;
use crate::realtime::elevate;
use crate::server::peers::Leadership;
use crate::server::peers::{Part, PartSlot};
use crossbeam_channel::{Receiver, Sender};
use downbeat_analysis::Settings;
use downbeat_audio::{Block, Got, Source};
use downbeat_engine::listener::{Listener, Stretch};
use downbeat_engine::{Lead, Tick};
use downbeat_protocol::{Action, Command, Event, HostTime, ShowTime};
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Hops without audio (or blocks, if longer) after which the clock drives the ticks.
const PATIENCE: f64 = 2.0;
/// Time without audio after which every bus is at rest; a shorter gap is a hiccup, and levels hold.
const REST: Duration = Duration::from_millis(100);
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
    pub door: Receiver<Command>,
    /// The queue for commands while another daemon leads.
    pub forward: Sender<Command>,
    /// The role to take: leader or standby.
    pub part: PartSlot,
    /// The standing of this daemon.
    pub leadership: Leadership,
    /// The receivers of ticks and events.
    pub fanout: Fanout,
    /// The receiver of the report.
    pub board: Arc<Board>,
    /// Set to end.
    pub stop: Arc<AtomicBool>,
}

impl Hop {
    /// Runs until told to stop.
    pub fn run(self) {
        if let Err(error) = elevate() {
            tracing::info!(
                "the hop thread runs at normal priority ({error}); for a live show, allow rtprio for this user"
            );
        }
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
            led: self.leadership.leads(),
            hop: self,
        }
        .run();
    }
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
    /// Whether this daemon led when the last tick was sent.
    led: bool,
}

impl Running {
    fn run(mut self) {
        while !self.hop.stop.load(Relaxed) {
            let patience = host_now().until(self.next_pass);
            match self.hop.source.next(&mut self.block, patience) {
                Got::Block => self.analyse(),
                Got::Nothing => {}
                Got::Started { sample_rate } => self.start(sample_rate),
                // The source has already told the operator.
                Got::Lost { why } => tracing::debug!("audio: {why}"),
                Got::End => std::thread::sleep(patience),
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
        match self.hop.listener.restart(settings) {
            Ok(()) => tracing::debug!("audio: a stream of {sample_rate} Hz starts"),
            Err(error) => tracing::warn!("audio: {error}"),
        }
    }

    fn analyse(&mut self) {
        self.take_part();
        self.obey();
        let begun = host_now();
        let leads = self.led;
        let Self { hop: Hop { listener, clock, fanout, board, hurried, .. }, block, events, watch, delay_ns, .. } =
            self;
        let stretch = Stretch {
            channels: &block.channels,
            first_sample: block.first_sample,
            time: clock.show(HostTime(block.time_host_ns)),
            received: HostTime(block.received_host_ns),
        };
        let present = |time: ShowTime| if *hurried { time } else { clock.now() };
        listener.push(stretch, events, present, |tick, events| {
            *delay_ns = clock.now().since(tick.row.time).max(0);
            send(fanout, board, tick, events, leads);
            watch.lap();
        });
        watch.worked(host_now().since(begun));
        self.resting = false;
        self.heard_at = begun;
        self.next_pass = begun + self.hops(PATIENCE);
    }

    /// A hop's time without audio: beats, taps and holds continue by the clock.
    fn pass(&mut self, now: HostTime) {
        self.take_part();
        self.obey();
        if !self.resting && now >= self.heard_at + REST {
            self.resting = true;
            self.hop.listener.rest();
        }
        let present = self.hop.clock.show(now);
        let tick = self.hop.listener.pass(present.offset(-self.delay_ns), present, now, &mut self.events);
        send(&self.hop.fanout, &self.hop.board, tick, &mut self.events, self.led);
        let next = self.next_pass + self.hops(1.0);
        self.next_pass = if next > now { next } else { now + self.hops(1.0) };
    }

    fn obey(&mut self) {
        let now = self.hop.clock.now();
        for command in self.hop.door.try_iter() {
            let about_lead = matches!(command.what, Action::TakeLead | Action::GiveLead);
            if self.led && !about_lead {
                self.hop.listener.engine().command(command, now, &mut self.events);
            } else if let Err(error) = self.hop.forward.try_send(command) {
                let why = "this daemon stands by and cannot reach the leader: try again".into();
                self.events.push(Event::Refused { from: error.into_inner().from, why });
            }
        }
    }

    /// Leads or stands by, as decided.
    fn take_part(&mut self) {
        let hop_time = self.hops(1.0);
        let now = self.hop.clock.now();
        let Hop { listener, part, leadership, fanout, .. } = &mut self.hop;
        match part.take() {
            Some(Part::Lead(term, leader)) => {
                listener.engine().take_over(&leader, now, hop_time, &mut self.events);
                leadership.set(term, true);
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
            why: engine.why().into(),
            source: self.hop.source.report(),
            hop_p99_us: self.watch.p99_us(),
        };
        self.hop.board.put(report);
    }
}

/// Events first, so that readers of the tick's state know its causes.
fn send(fanout: &Fanout, board: &Board, tick: Tick, events: &mut Vec<Event>, leads: bool) {
    for event in events.drain(..) {
        fanout.event(&Arc::new(event), leads);
    }
    fanout.tick(&Arc::new(tick), leads);
    board.count_hop();
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
    fn worked(&mut self, ns: i64) {
        self.worked_ns += u64::try_from(ns).unwrap_or(0);
        if let Some(each_ns) = self.worked_ns.checked_div(self.laps) {
            self.histogram.saturating_record_n(each_ns, self.laps);
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
