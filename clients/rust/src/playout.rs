//! Rows in order, and the signals at any moment.
//!
//! Rows come in datagrams: late, twice, in parts, or not at all. [`Playout`] keeps the complete ones by number, and
//! [`Playout::at`] gives the signals at a moment of the show. They depend only on the rows and the moment, not on what
//! arrived when; so nodes that ask for the same moment, a little behind the newest row, get the same.
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
//! Two nodes get the same only if both have the same rows. [`Playout::whole`] checks that for a span of moments: each
//! must lie between two rows published one right after the other, so that nothing can come between them, and the state
//! at the last of them must be known ([`Playout::state_at`]; rows carry the number of the event). A node that draws
//! only spans that are [`Whole::Yes`] draws what every other node draws.
//!
//! * [`Whole::Waits`]: something may still arrive, such as the row after the moment, a lost row that the client
//!   [asks for](Playout::wants) every 15 ms, or an event on its stream. Meanwhile a node keeps its last picture, for at
//!   most [`HOLD`].
//! * [`Whole::Never`]: something is lost for good, because the daemon began there, another one took over, or [`GIVE_UP`]
//!   has passed. A node draws what it has. Pictures match again once no such gap is in the span it looks back on.

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

/// How long signals hold after the newest row: longer than a burst of loss on Wi-Fi. Rows further apart than this are
/// not interpolated.
pub const HOLD: Duration = Duration::from_millis(250);
/// Time in which signals then come to rest.
pub const DECAY: Duration = Duration::from_secs(2);

/// How long to ask and wait for a lost row, in show time.
pub const GIVE_UP: Duration = Duration::from_secs(1);

/// How complete a span of moments is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Complete and final: the same on every node.
    Yes,
    /// Something may still arrive.
    Waits,
    /// Something is lost for good.
    Never,
}

/// The rows of the last seconds. Pure: datagrams and times are arguments.
#[derive(Debug, Default)]
pub struct Playout {
    epoch: u64,
    term: u32,
    layout: Option<Layout>,
    ring: Ring,
    /// The rows from before a restart of the daemon, or from the previous leader.
    former: Option<Ring>,
    states: States,
    repair: Repair,
    lag: Lag,
    lost: u64,
    foreign: u64,
}

impl Playout {
    /// A playout without a show.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the show and the layout of the rows. Drops all rows unless both are unchanged.
    pub fn follow(&mut self, epoch: u64, schema: &Arc<Schema>) {
        if self.layout.as_ref().is_some_and(|layout| self.epoch == epoch && layout.schema() == schema) {
            return;
        }
        self.lost = self.lost();
        self.epoch = epoch;
        self.layout = Some(Layout::new(Arc::clone(schema)));
        (self.ring, self.former, self.repair) = Default::default();
    }

    /// Takes a datagram's rows. Counts and ignores those of another show or layout, because the schema comes on a
    /// stream and may be overtaken. Ignores those of an earlier leader.
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
        if let Some(oldest) = self.ring.oldest() {
            self.states.forget_before(oldest.number);
        }
        self.states.thin(self.ring.steps());
    }

    /// The same, at a time of the show: also measures how late final data is.
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

    /// The state at a moment, the same on every node regardless of when a change arrived. None if it is not known yet,
    /// or never will be.
    pub fn state_at(&self, time: ShowTime) -> Option<Arc<ShowState>> {
        let (before, _) = self.ring.around(time)?;
        self.states.at(before.number).cloned()
    }

    /// How complete the span between two moments is, including the state at its end.
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

    /// Lost rows to ask the daemon for now. Bounded; empty if nothing is missing, or was asked for a moment ago.
    pub fn wants(&mut self, now: HostTime) -> Vec<Want> {
        self.repair.wants(&self.ring, self.term, now)
    }

    /// How late final data arrives, and so the playout delay needed.
    pub fn lag(&self) -> &Lag {
        &self.lag
    }

    /// The newest complete row as received.
    pub fn newest(&self) -> Option<RowView> {
        self.at(self.newest_time()?)
    }

    /// The time of the newest complete row.
    pub fn newest_time(&self) -> Option<ShowTime> {
        self.ring.newest().map(|slot| slot.time)
    }

    /// The timeline of the newest complete row.
    pub fn newest_timeline(&self) -> Option<Timeline> {
        self.ring.newest().map(|slot| slot.timeline)
    }

    /// Rows that never arrived complete, neither in time nor repeated in later datagrams.
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

    /// Row numbers start again. Earlier rows are kept to look back on.
    fn succeed(&mut self) {
        self.lost = self.lost();
        let former = std::mem::take(&mut self.ring);
        self.repair = Repair::default();
        self.former = former.newest().is_some().then_some(former);
    }
}

/// The remaining level of a signal this long after its row: 1 for [`HOLD`], then straight to 0 over [`DECAY`].
fn presence(since_ns: i64) -> f32 {
    let past = since_ns.saturating_sub(HOLD.as_nanos() as i64) as f64;
    (1.0 - past / DECAY.as_nanos() as f64).clamp(0.0, 1.0) as f32
}
