//! A least-squares line through the quickest fifth of the exchanges of the last minute.

use super::{Exchange, Follows};
use std::collections::VecDeque;

const WINDOW: i64 = 60_000_000_000;
const SHARE: usize = 5;

/// The exchanges of the last minute, and the line through the quickest.
#[derive(Debug, Default)]
pub struct Quickest {
    exchanges: VecDeque<Exchange>,
    /// A moment, the offset then, and what it gains a nanosecond.
    line: (i64, f64, f64),
}

impl Follows for Quickest {
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64) {
        self.exchanges.push_back(Exchange::of(sent, received, answered, back));
        while self.exchanges.front().is_some_and(|oldest| back - oldest.at > WINDOW) {
            self.exchanges.pop_front();
        }
        let mut quickest: Vec<Exchange> = self.exchanges.iter().copied().collect();
        quickest.sort_unstable_by_key(|exchange| exchange.round_trip);
        quickest.truncate((quickest.len() / SHARE).max(2));
        self.line = through(&quickest);
    }

    fn told(&self, host: i64) -> i64 {
        let (at, offset, slope) = self.line;
        host + (offset + slope * (host - at) as f64).round() as i64
    }

    fn ready(&self) -> bool {
        self.exchanges.len() >= 8
    }
}

/// The line of least squares.
fn through(exchanges: &[Exchange]) -> (i64, f64, f64) {
    let Some(Exchange { at, offset, .. }) = exchanges.first().copied() else { return (0, 0.0, 0.0) };
    let count = exchanges.len() as f64;
    let points = || exchanges.iter().map(|it| ((it.at - at) as f64, (it.offset - offset) as f64));
    let (x, y) = points().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (above, below) = points().fold((0.0, 0.0), |(above, below), point| {
        (above + (point.0 - x) * (point.1 - y), below + (point.0 - x).powi(2))
    });
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (at, offset as f64 + y - slope * x, slope)
}
