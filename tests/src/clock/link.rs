//! Like Ableton Link: now and then the median of a hundred exchanges, and a fixed offset in between.

use super::{Exchange, Follows, median};

/// Exchanges of one measurement (`kNumberDataPoints` in Link's `Measurement.hpp`).
const EXCHANGES: usize = 100;
/// A session is measured again after so long (`Sessions.hpp`), in nanoseconds.
const AGAIN: i64 = 30_000_000_000;

/// The offset of the last measurement, and the one that is going on.
#[derive(Debug, Default)]
pub struct Link {
    measuring: Vec<i64>,
    offset: Option<i64>,
    measured: i64,
}

impl Follows for Link {
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64) {
        if self.offset.is_some() && back - self.measured < AGAIN {
            return;
        }
        self.measuring.push(Exchange::of(sent, received, answered, back).offset);
        if self.measuring.len() == EXCHANGES {
            self.offset = Some(median(self.measuring.drain(..)));
            self.measured = back;
        }
    }

    fn told(&self, host: i64) -> i64 {
        host + self.offset.unwrap_or(0)
    }

    fn ready(&self) -> bool {
        self.offset.is_some()
    }
}
