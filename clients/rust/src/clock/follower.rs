//! The following clock: exchanges in, a line out.

use super::Line;
use super::corridor::{Corridor, Point};
use downbeat_protocol::{HostTime, ShowTime};
use std::collections::VecDeque;
use std::time::Duration;

/// How long an exchange counts. Quartz keeps its drift for about this long (the Allan minimum of ordinary ones is
/// between 10 and 1000 s); the longer, the more packets to choose the quickest from.
const WINDOW_NS: i64 = 60_000_000_000;
/// Exchanges kept regardless of their age.
const KEEP: usize = 16;
/// Maximum number of exchanges kept.
const MOST: usize = 2_048;
/// Slower answers are ignored.
const SLOWEST_NS: i64 = 2_000_000_000;
/// Exchanges after which the clock counts as [synced](Follower::synced) and no longer steps.
const SETTLED: u64 = 8;
/// Time in which the clock catches up with the line.
const CATCH_UP_NS: f64 = 1e9;
/// Maximum change of its rate for that.
const CATCH_UP_RATE: f64 = 0.01;
/// A clock this far off is reset, because catching up would take too long. Happens when a machine slept.
const JUMP_NS: f64 = 200e6;
/// Uncertainty of the drift while no exchange arrives.
const WANDER: f64 = 1e-6;
/// Change of the drift with temperature, in 1/s: 0.6 ppm a minute.
const WANDER_PER_S: f64 = 1e-8;

/// The limits of show time minus host time that one exchange proves, at two moments.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    sent: HostTime,
    back: HostTime,
    at_most: i64,
    at_least: i64,
}

/// The show's clock on this machine. Pure: all times are arguments.
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
    /// A clock without any exchange.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one exchange. Returns false, [counts](Self::refused) and ignores it if its times are impossible (an answer
    /// before its question, an older one after a newer one) or it was too slow to be useful.
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

    /// Another show, with unrelated time. The next exchange sets the clock; until then it runs on.
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

    /// Switches to another daemon of the same show, or to another way to the same one: continues the former clock
    /// without a step, and converges on this one's exchanges. Does nothing if the former clock was never set.
    pub fn succeed(&mut self, former: &Self) {
        if !former.is_set() {
            return;
        }
        (self.line, self.jumps) = (former.line, former.jumps);
        // A clock still settling may step, and so may its successor.
        let settled = if former.synced() { SETTLED + 1 } else { 1 };
        self.taken = self.taken.max(settled);
    }

    /// Whether it has been set.
    pub fn is_set(&self) -> bool {
        self.taken > 0
    }

    /// Whether there were enough exchanges to trust the clock. From then on it does not step.
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

    /// A copy of the current clock, for use elsewhere. Once [synced](Self::synced), two lines of the same clock agree
    /// before the later one's last exchange, and after it differ by at most a hundredth of the distance.
    pub fn line(&self) -> Line {
        self.line
    }

    /// How far off [`show`](Self::show) may be: the distance to any straight line that agrees with every exchange, a
    /// few microseconds for the wander of quartz, and a millionth of the time since the last exchange. This includes
    /// half of the shortest round trip, the unmeasurable difference between the ways there and back. [`Duration::MAX`]
    /// before the first exchange.
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

    /// How fast the show's clock gains on this machine's, in millionths.
    pub fn drift_ppm(&self) -> f64 {
        self.fit.as_ref().map_or(0.0, |fit| fit.corridor.steepness() * 1e6)
    }

    /// The shortest round trip of the last minute. Zero before the first exchange.
    pub fn round_trip(&self) -> Duration {
        Duration::from_nanos(self.fit.as_ref().map_or(0, |fit| fit.round_trip_ns.max(0) as u64))
    }

    /// How often the clock was reset after it was [synced](Self::synced), because it was off by more than 200 ms.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Rejected exchanges: impossible times, or out of order.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How often exchanges contradicted each other, so that the older ones were dropped. Two steady clocks never do:
    /// this machine slept, one of the clocks was set, or the other side lies.
    pub fn contradictions(&self) -> u64 {
        self.contradictions
    }

    /// The widest corridor through all exchanges. If there is none, something has changed since the older half (the
    /// machine slept, its clock is slewed): drops that half.
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

    /// Sets the clock at first; later steers it towards the middle of the corridor.
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
