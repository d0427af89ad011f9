//! Invariants of an election, whatever happens.

use crate::host::MS;
use crate::world::Sight;

/// Watches all the time.
pub struct Judge {
    /// Each daemon's highest term, over its restarts.
    terms: Vec<u32>,
    led: Vec<bool>,
    /// Since when there are two leaders that could know of each other.
    two_since: Option<i64>,
    /// Since when nobody leads.
    none_since: Option<i64>,
    /// The longest time with two leaders that could know of each other, in nanoseconds.
    pub two: i64,
    /// The longest time without a leader since this was last set to zero, in nanoseconds.
    pub none: i64,
    /// How often somebody began to lead.
    pub changes: u32,
    /// When that was the last time.
    pub changed: i64,
}

impl Judge {
    pub fn new(daemons: usize) -> Self {
        Self {
            terms: vec![0; daemons],
            led: vec![false; daemons],
            two_since: None,
            none_since: None,
            two: 0,
            none: 0,
            changes: 0,
            changed: 0,
        }
    }

    pub fn look(&mut self, sight: &Sight) {
        for (place, daemon) in sight.terms.iter().enumerate() {
            let (leads, term) = daemon.unwrap_or((false, self.terms[place]));
            assert!(term >= self.terms[place], "daemon {place} goes back to term {term} at {} ms", sight.now / MS);
            self.terms[place] = term;
            if leads && !self.led[place] {
                (self.changes, self.changed) = (self.changes + 1, sight.now);
            }
            self.led[place] = leads;
        }
        self.two = self.two.max(lasts(&mut self.two_since, sight.hear_each_other, sight.now));
        self.none = self.none.max(lasts(&mut self.none_since, sight.leaders.is_empty(), sight.now));
    }
}

/// For how long something has been so.
fn lasts(since: &mut Option<i64>, so: bool, now: i64) -> i64 {
    if so { now - *since.get_or_insert(now) } else { since.take().map_or(0, |since| now - since) }
}
