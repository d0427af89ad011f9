//! The rows of the last seconds by number, each assembled from its parts.

use super::GIVE_UP;
use downbeat_protocol::datagram::{HISTORY, Moment};
use downbeat_protocol::{ShowTime, Timeline};
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Maximum of rows, whatever their times: [`HISTORY`] of the shortest hop, and more.
const MOST: usize = 8_192;
/// How long rows are kept: the history of a newcomer plus a second, so that nothing is dropped on arrival.
const KEPT_NS: i64 = HISTORY.as_nanos() as i64 + 1_000_000_000;
/// An incomplete row counts as lost, and is no longer requested, after this many later ones have started.
const LATE: u64 = 256;

/// One row, as far as received.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its number.
    pub seq: u64,
    /// Its time.
    pub time: ShowTime,
    /// The timeline in force when it was made.
    pub timeline: Timeline,
    /// The distance to the row published before it; 0 if there is none.
    pub back: u8,
    /// The event whose state belongs to it.
    pub number: u32,
    /// Its numbers; invalid for columns that `awaited` counts.
    pub values: Vec<f32>,
    /// Which columns have arrived. Empty if all have.
    awaited: Vec<bool>,
}

/// Rows by number, without gaps in the numbering; a place without a row is empty.
#[derive(Debug, Default)]
pub struct Ring {
    slots: VecDeque<Option<Slot>>,
    first: u64,
    judged: u64,
    lost: u64,
}

/// What is missing for a moment, going back from the newest row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The row after it is still to come.
    Ahead,
    /// These numbers are missing, and rows have arrived for this long (nanoseconds) since.
    Hole(RangeInclusive<u64>, i64),
    /// There is nothing before this, and rows have arrived for this long (nanoseconds) since.
    Beginning(i64),
    /// There was nothing before this: the daemon started here.
    Birth,
}

/// From a row to the one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The events whose states belong to the two.
    pub numbers: (u32, u32),
    /// Whether no row between them is missing.
    pub is_whole: bool,
}

impl Ring {
    /// Adds a row's columns from `first_column` on. A known row or part changes nothing; columns beyond the width are
    /// ignored.
    pub fn put(&mut self, moment: &Moment, first_column: usize, width: usize) {
        let row = &moment.row;
        if self.newest().is_some_and(|newest| newest.time.since(row.time) > KEPT_NS) {
            return;
        }
        let Some(slot) = self.place(row.seq) else { return };
        let slot = slot.get_or_insert_with(|| Slot {
            seq: row.seq,
            time: row.time,
            timeline: moment.timeline,
            back: moment.back,
            number: moment.number,
            values: vec![0.0; width],
            awaited: vec![true; width],
        });
        slot.fill(&row.values, first_column);
        self.forget();
    }

    /// Whether a row's number and time show a new numbering in the same show: the daemon was restarted.
    pub fn is_before(&self, moment: &Moment) -> bool {
        self.newest().is_some_and(|newest| moment.row.seq < newest.seq && moment.row.time > newest.time)
    }

    /// The newest complete row.
    pub fn newest(&self) -> Option<&Slot> {
        self.whole().next()
    }

    /// The oldest complete row.
    pub fn oldest(&self) -> Option<&Slot> {
        self.slots.iter().flatten().find(|slot| slot.awaited.is_empty())
    }

    /// The last complete row at or before a time, and the complete row after it.
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

    /// What prevents a span of moments from being final: each must be between two rows published one right after the
    /// other.
    pub fn obstacle(&self, from: ShowTime, to: ShowTime) -> Option<Obstacle> {
        let newest = self.newest()?.time;
        let mut later: Option<&Slot> = None;
        for slot in self.whole() {
            if slot.time > to {
                later = Some(slot);
                continue;
            }
            let Some(after) = later else { return Some(Obstacle::Ahead) };
            match slot.gap(after) {
                Gap::None => {}
                Gap::Birth => return Some(Obstacle::Birth),
                Gap::Hole(hole) => return Some(Obstacle::Hole(hole, newest.since(after.time))),
            }
            if slot.time <= from {
                return None;
            }
            later = Some(slot);
        }
        Some(match later {
            None => Obstacle::Ahead,
            Some(oldest) if oldest.back == 0 => Obstacle::Birth,
            Some(oldest) => Obstacle::Beginning(newest.since(oldest.time)),
        })
    }

    /// Missing numbers between rows of the last [`GIVE_UP`], newest first.
    pub fn holes(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        let newest = self.newest().map(|slot| slot.time);
        let recent = move |slot: &&Slot| newest.is_some_and(|time| time.since(slot.time) <= GIVE_UP.as_nanos() as i64);
        let pairs = self.whole().zip(self.whole().skip(1));
        pairs.take_while(move |(later, _)| recent(later)).filter_map(|(later, slot)| match slot.gap(later) {
            Gap::Hole(hole) => Some(hole),
            Gap::None | Gap::Birth => None,
        })
    }

    /// From each row to the one after it, newest first.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let pairs = self.whole().zip(self.whole().skip(1));
        pairs.map(|(later, slot)| Step {
            numbers: (slot.number, later.number),
            is_whole: !matches!(slot.gap(later), Gap::Hole(_)),
        })
    }

    /// Rows that will never arrive.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// From the newest back.
    fn whole(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().rev().flatten().filter(|slot| slot.awaited.is_empty())
    }

    /// The place of a number; none if it is older than the maximum.
    fn place(&mut self, seq: u64) -> Option<&mut Option<Slot>> {
        if self.slots.is_empty() {
            (self.first, self.judged) = (seq, seq);
        }
        while seq < self.first {
            // A newcomer gets earlier rows, and requests what it missed.
            if self.slots.len() >= MOST || (self.first - seq) as usize >= MOST {
                return None;
            }
            self.slots.push_front(None);
            self.first -= 1;
        }
        let wanted = usize::try_from(seq - self.first).unwrap_or(usize::MAX);
        if wanted >= self.slots.len() {
            self.judge(seq.saturating_sub(LATE));
            if wanted - self.slots.len() >= MOST {
                self.slots.clear();
                self.first = seq;
            }
            while self.slots.len() as u64 <= seq - self.first {
                self.slots.push_back(None);
            }
            while self.slots.len() > MOST {
                self.slots.pop_front();
                self.first += 1;
            }
        }
        self.slots.get_mut((seq - self.first) as usize)
    }

    /// Drops rows that are too old.
    fn forget(&mut self) {
        let Some(newest) = self.newest().map(|slot| slot.time) else { return };
        while let Some(front) = self.slots.front() {
            if front.as_ref().is_some_and(|slot| newest.since(slot.time) <= KEPT_NS) {
                return;
            }
            self.slots.pop_front();
            self.first += 1;
        }
    }

    /// Counts the missing rows before a number, once.
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

/// The gap between two rows.
enum Gap {
    None,
    Hole(RangeInclusive<u64>),
    /// The later one is the very first.
    Birth,
}

impl Slot {
    /// The gap between this row and a later one.
    fn gap(&self, later: &Slot) -> Gap {
        if later.back == 0 {
            return Gap::Birth;
        }
        let before = later.seq.saturating_sub(u64::from(later.back));
        if before <= self.seq { Gap::None } else { Gap::Hole(self.seq + 1..=before) }
    }

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
