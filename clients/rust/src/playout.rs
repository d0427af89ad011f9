//! Rows in order, and the signals at any moment.
//!
//! Rows come in datagrams: late, twice, in parts, or not at all. [`Playout`] keeps the whole ones by number, and
//! [`Playout::at`] tells the signals at a moment of the show. What it tells depends on nothing but the rows and the moment, not
//! on what arrived when; so nodes that ask for the same moment, a little behind the newest row, see the same.
//!
//! | a signal | between two rows | after the newest row, or in a gap longer than [`HOLD`] |
//! |---|---|---|
//! | ratios | straight from one to the other | stays for [`HOLD`], then sinks to 0 over [`DECAY`] |
//! | decibels, LUFS | straight | stays, then sinks to the bottom of its range |
//! | hertz, BPM, beats, seconds; everything below `param.` and `tempo.` | straight | stays |
//! | counters, states, unknown units | the earlier row's | stays |
//! | phases | the shorter way round | stays |
//! | `beat.phase`, `beat.count`, `bar.phase`, `bar.beat`, `phrase.phase` | by the earlier row's timeline | by the newest row's timeline, for ever |
//!
//! # What is known for good
//!
//! Two nodes see the same only where both have the same rows. [`Playout::whole`] says so of a span of moments: whether each
//! of them lies between two rows of which one was published right after the other, so that nothing can come between
//! them any more, and whether the state that belongs to the last of them is known ([`Playout::state_at`]; rows carry the
//! number of the event). A node that draws only what is [`Whole::Yes`] draws what every other node draws.
//!
//! * What is [`Whole::Waits`] may still come: the row after the moment, a row that was lost on the way and is
//!   [asked for](Playout::wants) every 15 ms, an event on its stream. A node keeps its last picture meanwhile, for at most
//!   [`HOLD`].
//! * What is [`Whole::Never`] will not: the daemon began there, another one took over, or [`GIVE_UP`] has passed. A node
//!   draws what it has. It is the same picture again as soon as nothing that it looks back on is like that.

mod lag;
mod layout;
mod repair;
mod ring;
mod row_view;
mod states;

pub use lag::Lag;
pub use row_view::RowView;

use downbeat_protocol::datagram::{Rows, Want};
use downbeat_protocol::{HostTime, Schema, ShowState, ShowTime, Timeline};
use layout::Layout;
use repair::Repair;
use ring::{Obstacle, Ring, Slot};
use states::States;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// How long signals stay as they were after the newest row: longer than a burst of losses on Wi-Fi. Rows further apart
/// than this are not joined by a line.
pub const HOLD: Duration = Duration::from_millis(250);
/// In what time signals then come to rest.
pub const DECAY: Duration = Duration::from_secs(2);

/// How long a row that was lost is asked for and waited with, in show time.
pub const GIVE_UP: Duration = Duration::from_secs(1);

/// How much is known of a span of moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// All, for good: every node that knows all knows the same.
    Yes,
    /// Something is still to come.
    Waits,
    /// Something is missing that will not come.
    Never,
}

/// The rows of the last seconds. Pure: it is given datagrams and times.
#[derive(Debug, Default)]
pub struct Playout {
    epoch: u64,
    term: u32,
    layout: Option<Layout>,
    ring: Ring,
    /// What was before the daemon was restarted, or another one took over.
    former: Option<Ring>,
    states: States,
    repair: Repair,
    lag: Lag,
    lost: u64,
    foreign: u64,
}

impl Playout {
    /// A playout that waits to be told of a show.
    pub fn new() -> Self {
        Self::default()
    }

    /// The show and the layout of the rows to come. Forgets all rows unless both are as before.
    pub fn follow(&mut self, epoch: u64, schema: &Arc<Schema>) {
        if self.layout.as_ref().is_some_and(|layout| self.epoch == epoch && layout.schema() == schema) {
            return;
        }
        self.lost = self.lost();
        self.epoch = epoch;
        self.layout = Some(Layout::new(Arc::clone(schema)));
        (self.ring, self.former, self.repair) = Default::default();
    }

    /// Takes a datagram's rows. Those of another show or layout are counted and ignored: the schema comes on a stream
    /// and may be overtaken. Those of an earlier leader are ignored.
    pub fn push(&mut self, rows: &Rows) {
        let Some(layout) = &self.layout else {
            self.foreign += 1;
            return;
        };
        let (width, id) = (layout.width(), layout.id());
        if rows.head.epoch != self.epoch || rows.head.schema != id {
            self.foreign += 1;
            return;
        }
        if rows.head.term < self.term && self.ring.newest().is_some() {
            return;
        }
        if rows.head.term > self.term || rows.rows.first().is_some_and(|newest| self.ring.is_before(newest)) {
            self.succeed();
        }
        self.term = rows.head.term;
        for moment in rows.rows.iter().rev() {
            self.ring.put(moment, rows.first_column, width);
        }
    }

    /// The same, at a time of the show: takes notice of how late what is known for good is.
    pub fn push_at(&mut self, rows: &Rows, now: ShowTime) {
        self.push(rows);
        if let Some(reached) = self.repair.advance(&self.ring) {
            self.lag.add(now.since(reached), now);
        }
    }

    /// Event `events.start()` of a daemon's run set this, and none up to `events.end()` has set anything else.
    pub fn tell(&mut self, run: u64, events: RangeInclusive<u64>, state: &Arc<ShowState>) {
        self.states.tell(run, events, state);
    }

    /// The signals at a moment. None before the first row.
    pub fn at(&self, time: ShowTime) -> Option<RowView> {
        let layout = self.layout.as_ref()?;
        let (before, after) = self.around(time)?;
        let since = time.since(before.time);
        let next = after.filter(|after| after.time.since(before.time) <= HOLD.as_nanos() as i64);
        let values = match next {
            Some(after) => {
                let part = since as f32 / after.time.since(before.time) as f32;
                layout.between(&before.values, &after.values, part)
            }
            None => layout.after(&before.values, presence(since)),
        };
        let mut view = RowView {
            time,
            seq: before.seq,
            timeline: before.timeline,
            presence: if next.is_some() { 1.0 } else { presence(since) },
            schema: Arc::clone(layout.schema()),
            values,
        };
        layout.place_beat(&mut view);
        Some(view)
    }

    /// What was set at a moment, the same on every node whenever it heard of a change. None when that is not known yet,
    /// or will never be.
    pub fn state_at(&self, time: ShowTime) -> Option<Arc<ShowState>> {
        let (before, _) = self.ring.around(time)?;
        self.states.at(before.number).cloned()
    }

    /// How much is known of every moment from one to another, and of what was set at the last of them.
    pub fn whole(&self, from: ShowTime, to: ShowTime) -> Whole {
        let late = |ns: i64| ns > GIVE_UP.as_nanos() as i64;
        match self.ring.obstacle(from, to) {
            None if self.ring.newest().is_none() => Whole::Waits,
            None if self.state_at(to).is_some() => Whole::Yes,
            None => Whole::Waits,
            Some(Obstacle::Ahead) => Whole::Waits,
            Some(Obstacle::Birth) => Whole::Never,
            Some(Obstacle::Beginning(_)) if self.former.is_some() => Whole::Never,
            Some(Obstacle::Hole(_, since) | Obstacle::Beginning(since)) if late(since) => Whole::Never,
            Some(Obstacle::Hole(..) | Obstacle::Beginning(_)) => Whole::Waits,
        }
    }

    /// What to ask the daemon for now: rows that have been lost. Bounded; empty when nothing is missing, or was asked for
    /// a moment ago.
    pub fn wants(&mut self, now: HostTime) -> Vec<Want> {
        self.repair.wants(&self.ring, self.term, now)
    }

    /// How late what is known for good is, and so which playout delay would do.
    pub fn lag(&self) -> &Lag {
        &self.lag
    }

    /// The newest whole row as it came.
    pub fn newest(&self) -> Option<RowView> {
        self.at(self.newest_time()?)
    }

    /// The time of the newest whole row.
    pub fn newest_time(&self) -> Option<ShowTime> {
        self.ring.newest().map(|slot| slot.time)
    }

    /// The timeline of the newest whole row.
    pub fn newest_timeline(&self) -> Option<Timeline> {
        self.ring.newest().map(|slot| slot.timeline)
    }

    /// Rows that never came whole, neither in time nor by the repetitions in later datagrams.
    pub fn lost(&self) -> u64 {
        self.lost.saturating_add(self.ring.lost())
    }

    /// Datagrams of another show or layout.
    pub fn foreign(&self) -> u64 {
        self.foreign
    }

    /// The rows on both sides of a moment.
    fn around(&self, time: ShowTime) -> Option<(&Slot, Option<&Slot>)> {
        if let Some(around) = self.ring.around(time) {
            return Some(around);
        }
        let (before, after) = self.former.as_ref()?.around(time)?;
        Some((before, after.or_else(|| self.ring.oldest())))
    }

    /// Rows begin anew. What was before is kept to be looked back on.
    fn succeed(&mut self) {
        self.lost = self.lost();
        let former = std::mem::take(&mut self.ring);
        self.repair = Repair::default();
        self.former = former.newest().is_some().then_some(former);
    }
}

/// How much of a signal is left so long after its row: 1 for [`HOLD`], then straight to 0 over [`DECAY`].
fn presence(since_ns: i64) -> f32 {
    let past = since_ns.saturating_sub(HOLD.as_nanos() as i64) as f64;
    (1.0 - past / DECAY.as_nanos() as f64).clamp(0.0, 1.0) as f32
}
