//! Like NTP's clock filter (RFC 5905, section 10): of the last eight exchanges the one with the shortest round trip.

use super::{Exchange, Follows};
use std::collections::VecDeque;

/// Stages of the filter.
const STAGES: usize = 8;

/// The last exchanges.
#[derive(Debug, Default)]
pub struct Ntp {
    stages: VecDeque<Exchange>,
}

impl Follows for Ntp {
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64) {
        self.stages.push_back(Exchange::of(sent, received, answered, back));
        if self.stages.len() > STAGES {
            self.stages.pop_front();
        }
    }

    fn told(&self, host: i64) -> i64 {
        let quickest = self.stages.iter().min_by_key(|exchange| exchange.round_trip);
        host + quickest.map_or(0, |exchange| exchange.offset)
    }

    fn ready(&self) -> bool {
        self.stages.len() == STAGES
    }
}
