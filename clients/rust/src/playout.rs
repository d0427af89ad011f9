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

mod layout;
mod ring;
mod row_view;

pub use row_view::RowView;

use downbeat_protocol::datagram::Rows;
use downbeat_protocol::{Schema, ShowTime, Timeline};
use layout::Layout;
use ring::Ring;
use std::sync::Arc;
use std::time::Duration;

/// How long signals stay as they were after the newest row: longer than a burst of losses on Wi-Fi. Rows further apart
/// than this are not joined by a line.
pub const HOLD: Duration = Duration::from_millis(250);
/// In what time signals then come to rest.
pub const DECAY: Duration = Duration::from_secs(2);

/// The rows of the last seconds. Pure: it is given datagrams and times.
#[derive(Debug, Default)]
pub struct Playout {
    epoch: u64,
    layout: Option<Layout>,
    ring: Ring,
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
        self.lost += self.ring.lost();
        self.epoch = epoch;
        self.layout = Some(Layout::new(Arc::clone(schema)));
        self.ring = Ring::default();
    }

    /// Takes a datagram's rows. Those of another show or layout are counted and ignored: the schema comes on a stream
    /// and may be overtaken.
    pub fn push(&mut self, rows: &Rows) {
        let Some(layout) = &self.layout else {
            self.foreign += 1;
            return;
        };
        if rows.head.epoch != self.epoch || rows.head.schema != layout.id() {
            self.foreign += 1;
            return;
        }
        for moment in rows.rows.iter().rev() {
            self.ring.put(moment, rows.first_column, layout.width());
        }
    }

    /// The signals at a moment. None before the first row.
    pub fn at(&self, time: ShowTime) -> Option<RowView> {
        let layout = self.layout.as_ref()?;
        let (before, after) = self.ring.around(time)?;
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
        self.lost + self.ring.lost()
    }

    /// Datagrams of another show or layout.
    pub fn foreign(&self) -> u64 {
        self.foreign
    }
}

/// How much of a signal is left so long after its row: 1 for [`HOLD`], then straight to 0 over [`DECAY`].
fn presence(since_ns: i64) -> f32 {
    let past = since_ns.saturating_sub(HOLD.as_nanos() as i64) as f64;
    (1.0 - past / DECAY.as_nanos() as f64).clamp(0.0, 1.0) as f32
}
