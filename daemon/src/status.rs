//! Publishes the status four times a second, and notifies the service manager.

use crate::board::Board;
use crate::dispatch::{Fanout, Health};
use crate::server::clients::ClientList;
use crate::server::peers::Leadership;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use downbeat_protocol::status::{Bus, Control, Output};
use downbeat_protocol::{Event, Status};
use sd_notify::NotifyState;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// The interval.
const EVERY: Duration = Duration::from_millis(250);
/// Turns in a rate: one second.
const RATE_OVER: usize = 4;

/// Everything with a health.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// The outputs: name, kind, destination.
    pub outputs: Vec<Entry>,
    /// The controls: name, kind, address.
    pub controls: Vec<Entry>,
}

/// One output or control.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its destination or address.
    pub place: String,
    /// Its counters.
    pub health: Arc<Health>,
}

/// The reporter of the status.
pub struct Reporter {
    /// The show's name.
    pub show: String,
    /// The names of the buses.
    pub buses: Vec<String>,
    /// The items to report on.
    pub roster: Roster,
    /// The clients.
    pub clients: ClientList,
    /// The hop thread's report.
    pub board: Arc<Board>,
    /// The receivers of the status.
    pub fanout: Fanout,
    /// This daemon's standing.
    pub leadership: Leadership,
}

impl Reporter {
    /// Reports until `stop` is dropped.
    pub fn run(self, stop: &Receiver<()>) {
        let started = Instant::now();
        let mut sent: VecDeque<(Instant, Vec<u64>)> = VecDeque::new();
        let mut hops = self.board.hops();
        let mut cancels = vec![false; self.buses.len()];
        while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            let now = Instant::now();
            let counts: Vec<u64> = self.roster.outputs.iter().map(|entry| entry.health.sent.load(Relaxed)).collect();
            let status = self.status(now - started, &rates(sent.front(), now, &counts));
            for (bus, cancelled) in status.buses.iter().zip(&mut cancels) {
                if bus.cancels != std::mem::replace(cancelled, bus.cancels) {
                    log_polarity(bus);
                }
            }
            self.fanout.event(&Arc::new(Event::Status(status)), self.leadership.leads());
            sent.push_back((now, counts));
            if sent.len() > RATE_OVER {
                sent.pop_front();
            }
            // The watchdog is for a hop thread that hangs.
            let hops_now = self.board.hops();
            if hops_now != hops {
                hops = hops_now;
                tell_service_manager(&[NotifyState::Watchdog]);
            }
        }
    }

    fn status(&self, uptime: Duration, rates: &[f64]) -> Status {
        let report = self.board.report();
        let bus = |(place, name): (usize, &String)| Bus {
            name: name.clone(),
            state: report.music.get(place).copied().unwrap_or_default().name().into(),
            sources: report.source.connected.get(place).cloned().unwrap_or_default(),
            cancels: report.cancels.get(place).copied().unwrap_or_default(),
        };
        let output = |(entry, rate): (&Entry, &f64)| Output {
            name: entry.name.clone(),
            kind: entry.kind.clone(),
            target: entry.place.clone(),
            rate: *rate,
            sent: entry.health.sent.load(Relaxed),
            late: entry.health.late.load(Relaxed),
            dropped: entry.health.dropped.load(Relaxed),
            error: entry.health.error(),
        };
        let control = |entry: &Entry| Control {
            kind: entry.kind.clone(),
            name: entry.name.clone(),
            listens: entry.place.clone(),
            commands: entry.health.sent.load(Relaxed),
            rejected: entry.health.dropped.load(Relaxed),
            error: entry.health.error(),
        };
        Status {
            show: self.show.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            uptime: uptime.as_secs_f64(),
            standing: self.board.standing(),
            buses: self.buses.iter().enumerate().map(bus).collect(),
            source: report.source.status,
            audio_dropped: report.source.dropped,
            xruns: report.source.xruns,
            tempo_source: report.lead,
            tempo_by_hand: report.by_hand,
            locked: report.lock.locked,
            locked_why: report.lock.why.into(),
            tempo_why: report.why,
            outputs: self.roster.outputs.iter().zip(rates).map(output).collect(),
            controls: self.roster.controls.iter().map(control).collect(),
            clients: self.clients.all(),
            hop_p99_us: report.hop_p99_us,
        }
    }
}

/// Tells the operator how to fix a reversed side, once for each change.
fn log_polarity(bus: &Bus) {
    if bus.cancels {
        tracing::warn!(
            "left and right of bus `{}` cancel: the polarity of one is reversed. Swap hot and cold on one side, or \
             flip its polarity switch on the mixer. Until then Downbeat uses their difference",
            bus.name
        );
    } else {
        tracing::info!("left and right of bus `{}` no longer cancel", bus.name);
    }
}

/// Notifies systemd if it started us; otherwise does nothing.
pub fn tell_service_manager(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("cannot notify the service manager: {error}");
    }
}

/// Messages per second of each output since `earlier`.
fn rates(earlier: Option<&(Instant, Vec<u64>)>, now: Instant, counts: &[u64]) -> Vec<f64> {
    let Some((then, before)) = earlier else { return vec![0.0; counts.len()] };
    let seconds = (now - *then).as_secs_f64().max(1e-3);
    counts.iter().zip(before).map(|(count, before)| count.saturating_sub(*before) as f64 / seconds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::HopReport;
    use crate::clock::host_now;
    use crate::dispatch::Audible;

    #[test]
    fn a_rate_is_that_of_the_last_second() {
        let now = Instant::now();
        let earlier = (now - Duration::from_secs(2), vec![10]);
        assert_eq!(rates(Some(&earlier), now, &[110]), [50.0]);
        assert_eq!(rates(None, now, &[110]), [0.0]);
    }

    #[test]
    fn the_status_says_how_everything_is_doing() {
        let health = Arc::new(Health::default());
        health.count_sent();
        health.set_error("desk", "nobody answers");
        let entry = Entry { name: "desk".into(), kind: "osc".into(), place: "192.0.2.1:8000".into(), health };
        let board = Arc::new(Board::default());
        let cancels = vec![true];
        board.put(HopReport {
            cancels,
            lead: "audio".into(),
            why: "tap".into(),
            hop_p99_us: 80.0,
            ..HopReport::default()
        });
        let mut fanout = Fanout::default();
        let feed = fanout.feed(Arc::default(), Audible::Always);
        let reporter = Reporter {
            leadership: Leadership::alone(1),
            show: "Friday".into(),
            buses: vec!["main".into()],
            roster: Roster { outputs: vec![entry], controls: vec![] },
            clients: ClientList::default(),
            board,
            fanout,
        };
        let (stop, stopped) = crossbeam_channel::bounded(0);
        let thread = std::thread::spawn(move || reporter.run(&stopped));
        let wake = feed.wait(host_now() + Duration::from_secs(5));
        drop(stop);
        thread.join().expect("ends");
        let Some(Event::Status(status)) = wake.events.first().map(|event| &**event) else {
            panic!("{:?}", wake.events)
        };
        assert_eq!((status.show.as_str(), status.tempo_source.as_str()), ("Friday", "audio"));
        assert_eq!((status.outputs[0].sent, status.outputs[0].error.as_str()), (1, "nobody answers"));
        assert_eq!((status.buses[0].state.as_str(), status.buses[0].cancels), ("no-signal", true));
    }
}
