//! The clock that follows: exchanges in, a line out.

use super::Line;
use super::corridor::{Corridor, Point};
use downbeat_protocol::{HostTime, ShowTime};
use std::collections::VecDeque;
use std::time::Duration;

/// How long an exchange counts. Quartz keeps its drift for about so long (the Allan minimum of ordinary ones lies
/// between 10 and 1000 s); the longer, the more packets to choose the quickest from.
const WINDOW_NS: i64 = 60_000_000_000;
/// Fewer than these are kept for as long as it takes.
const KEEP: usize = 16;
/// More than these are never kept, however often a caller asks.
const MOST: usize = 2_048;
/// A slower answer proves nothing worth having.
const SLOWEST_NS: i64 = 2_000_000_000;
/// Exchanges after which the clock counts as [synced](Follower::synced) and no longer steps.
const SETTLED: u64 = 8;
/// In what time the clock catches up with the line.
const CATCH_UP_NS: f64 = 1e9;
/// How much faster or slower it runs for that at most.
const CATCH_UP_RATE: f64 = 0.01;
/// A clock so wrong is set: catching up would take longer than anybody wants to watch. It happens when a machine slept.
const JUMP_NS: f64 = 200e6;
/// How much the drift of quartz may be off while nothing is heard.
const WANDER: f64 = 1e-6;
/// How much it may change a second with the temperature, in 1/s: 0.6 ppm a minute.
const WANDER_PER_S: f64 = 1e-8;

/// What one exchange proves: limits of show time minus host time at two moments.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    sent: HostTime,
    back: HostTime,
    at_most: i64,
    at_least: i64,
}

/// The show's clock on this machine. Pure: it is given every time.
#[derive(Debug, Default)]
pub struct Follower {
    window: VecDeque<Exchange>,
    fit: Option<Fit>,
    line: Line,
    taken: u64,
    jumps: u64,
    refused: u64,
    contradictions: u64,
}

/// A corridor and the point that its numbers are relative to.
#[derive(Debug)]
struct Fit {
    corridor: Corridor,
    host: HostTime,
    offset: i64,
    round_trip_ns: i64,
    span_ns: i64,
}

impl Follower {
    /// A clock that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one exchange. False when its times cannot be true (an answer before its question, an older one after a
    /// newer one) or it was too slow to tell anything; it is [counted](Self::refused) and ignored then.
    pub fn sample(&mut self, sent: HostTime, received: ShowTime, answered: ShowTime, back: HostTime) -> bool {
        let exchange = Exchange {
            sent,
            back,
            at_most: received.0.wrapping_sub(sent.0),
            at_least: answered.0.wrapping_sub(back.0),
        };
        let (took, kept) = (back.since(sent), answered.since(received));
        let newer = self.window.back().is_none_or(|newest| sent > newest.sent && back >= newest.back);
        if !newer || !(0..=SLOWEST_NS).contains(&took) || !(0..=took).contains(&kept) {
            self.refused += 1;
            return false;
        }
        self.window.push_back(exchange);
        let old = |it: &Exchange| back.since(it.back) > WINDOW_NS;
        while self.window.len() > MOST || (self.window.len() > KEEP && self.window.front().is_some_and(old)) {
            self.window.pop_front();
        }
        let Some(fit) = self.fit() else { return false };
        self.taken += 1;
        self.steer(&fit, back);
        self.fit = Some(fit);
        true
    }

    /// Another show: its time has nothing to do with the former. The next exchange sets the clock; until then it runs on.
    pub fn restart(&mut self) {
        let Self { line, jumps, refused, contradictions, .. } = *self;
        *self = Self { line, jumps, refused, contradictions, ..Self::default() };
    }

    /// This machine slept: its clock stood still while the show's ran on. The next exchange sets the clock, and that
    /// counts as a [jump](Self::jumps).
    pub fn slept(&mut self) {
        self.jumps += u64::from(self.is_set());
        self.restart();
    }

    /// Another daemon of the same show is followed from now on, or the same one by another way: what the former clock
    /// showed goes on without a step, and runs towards what this one's exchanges say. Does nothing when the former clock
    /// was never set.
    pub fn succeed(&mut self, former: &Self) {
        if !former.is_set() {
            return;
        }
        (self.line, self.jumps) = (former.line, former.jumps);
        // A clock that still settles may step, and so may its heir.
        let settled = if former.synced() { SETTLED + 1 } else { 1 };
        self.taken = self.taken.max(settled);
    }

    /// Whether it was ever set.
    pub fn is_set(&self) -> bool {
        self.taken > 0
    }

    /// Whether enough was exchanged to trust the clock. From then on it does not step.
    pub fn synced(&self) -> bool {
        self.taken >= SETTLED
    }

    /// Show time at a moment of this machine.
    pub fn show(&self, host: HostTime) -> ShowTime {
        self.line.show(host)
    }

    /// The moment of this machine at a show time.
    pub fn host(&self, show: ShowTime) -> HostTime {
        self.line.host(show)
    }

    /// The clock as it runs now, to be asked elsewhere. Once [synced](Self::synced), two lines of the same clock differ
    /// at moments before the later one's last exchange by nothing, and after it by at most a hundredth of the distance.
    pub fn line(&self) -> Line {
        self.line
    }

    /// How far [`show`](Self::show) may be off: as far as any straight line that agrees with every exchange lies from it,
    /// a few microseconds for what quartz wanders from a straight line, and a millionth of the time since the last
    /// exchange. This contains half of the shortest round trip, which is the difference between the ways there and back
    /// that nobody can see. [`Duration::MAX`] before the first exchange.
    pub fn error(&self, host: HostTime) -> Duration {
        let Some(fit) = &self.fit else { return Duration::MAX };
        let since = host.since(fit.host);
        let (low, high) = fit.corridor.bounds(since as f64);
        let shown = self.offset(host).saturating_sub(fit.offset) as f64;
        // The greatest distance between an arc and its chord.
        let arc = WANDER_PER_S * 1e-9 * (fit.span_ns as f64).powi(2) / 8.0;
        let bound = (high - shown).max(shown - low) + arc + WANDER * since.max(0) as f64;
        Duration::from_nanos(bound.max(0.0) as u64)
    }

    /// Show time minus host time, in nanoseconds.
    pub fn offset(&self, host: HostTime) -> i64 {
        self.show(host).0.wrapping_sub(host.0)
    }

    /// What the show's clock gains on this machine's, in millionths.
    pub fn drift_ppm(&self) -> f64 {
        self.fit.as_ref().map_or(0.0, |fit| fit.corridor.steepness() * 1e6)
    }

    /// The shortest round trip of the last minute. Zero before the first exchange.
    pub fn round_trip(&self) -> Duration {
        Duration::from_nanos(self.fit.as_ref().map_or(0, |fit| fit.round_trip_ns.max(0) as u64))
    }

    /// How often the clock was set after it was [synced](Self::synced), because it was off by more than 200 ms.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Exchanges that were not believed: their times could not be true, or they came out of order.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How often the exchanges contradicted each other, so that the older ones had to be forgotten: no two clocks that
    /// run evenly are like that. This machine slept, one of the clocks was set, or the other side lies.
    pub fn contradictions(&self) -> u64 {
        self.contradictions
    }

    /// The widest corridor through all exchanges. Where there is none, something has changed since the older half (the
    /// machine slept, its clock is slewed): that half is forgotten.
    fn fit(&mut self) -> Option<Fit> {
        while let Some(newest) = self.window.back().copied() {
            let offset = newest.at_least;
            let point = |at: HostTime, limit: i64| Point {
                x: at.since(newest.back) as f64,
                y: limit.saturating_sub(offset) as f64,
            };
            let upper: Vec<Point> = self.window.iter().map(|it| point(it.sent, it.at_most)).collect();
            let lower: Vec<Point> = self.window.iter().map(|it| point(it.back, it.at_least)).collect();
            let round_trip_ns = self.window.iter().map(|it| it.at_most.saturating_sub(it.at_least)).min()?;
            if let Some(corridor) = Corridor::between(&upper, &lower) {
                let span_ns = self.window.front().map_or(0, |oldest| newest.back.since(oldest.sent));
                return Some(Fit { corridor, host: newest.back, offset, round_trip_ns, span_ns });
            }
            self.contradictions += 1;
            self.window.drain(..self.window.len().div_ceil(2));
        }
        None
    }

    /// Sets the clock in the beginning; later makes it run towards the middle of the corridor.
    fn steer(&mut self, fit: &Fit, now: HostTime) {
        let steepness = fit.corridor.steepness();
        let target = ShowTime(now.0.wrapping_add(fit.offset)).offset(fit.corridor.centre(0.0).round() as i64);
        let behind = target.since(self.line.show(now)) as f64;
        let settled = self.taken > SETTLED;
        if settled && behind.abs() <= JUMP_NS {
            let rate = (behind / CATCH_UP_NS).clamp(-CATCH_UP_RATE, CATCH_UP_RATE);
            let for_ns = if rate == 0.0 { 0 } else { (behind / rate).round() as i64 };
            self.line = self.line.bent(now, steepness + rate, for_ns, steepness);
        } else {
            self.jumps += u64::from(settled);
            self.line = Line::through(now, target, steepness);
        }
    }
}
