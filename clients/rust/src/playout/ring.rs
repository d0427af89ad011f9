//! The rows of the last seconds by number, each put together from its parts.

use downbeat_protocol::datagram::Moment;
use downbeat_protocol::{ShowTime, Timeline};
use std::collections::VecDeque;

/// Rows kept: five seconds of the usual 5.3 ms hops.
const KEPT: usize = 1_024;
/// A row that has not come whole when so many later ones have begun is lost: repetitions go back no further.
const LATE: u64 = 64;

/// One row, as far as it has come.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its number.
    pub seq: u64,
    /// Its time.
    pub time: ShowTime,
    /// The timeline that ruled when it was made.
    pub timeline: Timeline,
    /// Its numbers; meaningless where `missing` counts them.
    pub values: Vec<f32>,
    /// Which columns have come. Empty when all have.
    awaited: Vec<bool>,
}

/// Rows by number without gaps in the numbering; a place without a row is empty.
#[derive(Debug, Default)]
pub struct Ring {
    slots: VecDeque<Option<Slot>>,
    first: u64,
    judged: u64,
    lost: u64,
}

impl Ring {
    /// Takes a row's columns from `first_column` on. A row or part that is there already changes nothing; columns beyond
    /// the width are ignored.
    pub fn put(&mut self, moment: &Moment, first_column: usize, width: usize) {
        let row = &moment.row;
        if self.newest().is_some_and(|newest| row.seq < self.first && row.time > newest.time) {
            // The numbers began anew although the show is the same: the daemon was restarted.
            *self = Self { lost: self.lost, ..Self::default() };
        }
        let Some(slot) = self.place(row.seq) else { return };
        let slot = slot.get_or_insert_with(|| Slot {
            seq: row.seq,
            time: row.time,
            timeline: moment.timeline,
            values: vec![0.0; width],
            awaited: vec![true; width],
        });
        slot.fill(&row.values, first_column);
    }

    /// The newest whole row.
    pub fn newest(&self) -> Option<&Slot> {
        self.whole().next()
    }

    /// The last whole row at or before a time, and the whole row that follows it.
    pub fn around(&self, time: ShowTime) -> Option<(&Slot, Option<&Slot>)> {
        let mut after = None;
        for slot in self.whole() {
            if slot.time <= time {
                return Some((slot, after));
            }
            after = Some(slot);
        }
        None
    }

    /// Rows that will not come any more.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// From the newest back.
    fn whole(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().rev().flatten().filter(|slot| slot.awaited.is_empty())
    }

    /// The place of a number; none when it is older than all that is kept.
    fn place(&mut self, seq: u64) -> Option<&mut Option<Slot>> {
        if self.slots.is_empty() {
            (self.first, self.judged) = (seq, seq);
        }
        let wanted = usize::try_from(seq.checked_sub(self.first)?).unwrap_or(usize::MAX);
        if wanted >= self.slots.len() {
            self.judge(seq.saturating_sub(LATE));
            if wanted - self.slots.len() >= KEPT {
                self.slots.clear();
                self.first = seq;
            }
            while self.slots.len() as u64 <= seq - self.first {
                self.slots.push_back(None);
            }
            while self.slots.len() > KEPT {
                self.slots.pop_front();
                self.first += 1;
            }
        }
        self.slots.get_mut((seq - self.first) as usize)
    }

    /// Counts what is missing before a number, once.
    fn judge(&mut self, until: u64) {
        if until <= self.judged {
            return;
        }
        let place = |seq: u64| usize::try_from(seq.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let came = self.slots.iter().take(place(until)).skip(place(self.judged));
        let whole = came.flatten().filter(|slot| slot.awaited.is_empty()).count() as u64;
        self.lost = self.lost.saturating_add((until - self.judged).saturating_sub(whole));
        self.judged = until;
    }
}

impl Slot {
    fn fill(&mut self, values: &[f32], first_column: usize) {
        if self.awaited.is_empty() {
            return;
        }
        for (column, value) in (first_column..self.values.len()).zip(values) {
            self.values[column] = *value;
            self.awaited[column] = false;
        }
        if !self.awaited.contains(&true) {
            self.awaited = Vec::new();
        }
    }
}
