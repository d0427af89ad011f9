//! Like Snapcast: the median of the last two hundred offsets.

use super::{Exchange, Follows, median};
use std::collections::VecDeque;

/// How many are kept (`TimeProvider::diffBuffer_`).
const KEPT: usize = 200;

/// The last offsets.
#[derive(Debug, Default)]
pub struct Snapcast {
    offsets: VecDeque<i64>,
    median: i64,
}

impl Follows for Snapcast {
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64) {
        self.offsets.push_back(Exchange::of(sent, received, answered, back).offset);
        if self.offsets.len() > KEPT {
            self.offsets.pop_front();
        }
        self.median = median(self.offsets.iter().copied());
    }

    fn told(&self, host: i64) -> i64 {
        host + self.median
    }

    fn ready(&self) -> bool {
        self.offsets.len() >= 8
    }
}
