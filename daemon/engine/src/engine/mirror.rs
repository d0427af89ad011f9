//! What a standby takes over from the leader in every hop, to be ready for a takeover.

use super::Engine;
use crate::Confidences;
use crate::echo::Echoes;
use crate::pending::Pending;
use crate::rules::Names;
use downbeat_protocol::{Event, ShowState, ShowTime, Timeline};
use std::sync::Arc;
use std::time::Duration;

/// How far the show's time may go back, in nanoseconds, before nothing that was timed counts any more: a standby first
/// runs on its own clock, which may be days ahead of the leader's.
const SET_BACK_NS: i64 = 1_000_000_000;

/// The leader's report.
#[derive(Clone, Debug, Default)]
pub struct Mirrored {
    /// The timeline.
    pub timeline: Timeline,
    /// The state.
    pub state: Arc<ShowState>,
    /// The number and the time of the newest row; none before the first.
    pub row: Option<(u64, ShowTime)>,
    /// Whether there was music.
    pub sounding: bool,
    /// Confidence in the reported beat.
    pub confidences: Confidences,
    /// Whether the operator has set the tempo manually, so that the audio does not.
    pub manual: bool,
}

impl Engine {
    /// Stands by: the timeline, the state and the row numbers are the leader's, whatever this daemon hears. Everything
    /// else is analysed as usual, ready for a takeover.
    pub fn mirror(&mut self, leader: &Mirrored, now: ShowTime, hop: Duration, out: &mut Vec<Event>) {
        if now.offset(SET_BACK_NS) < self.now {
            self.set_back(leader.row.map_or(now, |(_, time)| time), now);
        }
        self.leads = false;
        self.waiting.clear();
        self.pending.forget(|_| true);
        if leader.timeline.is_sound() {
            self.arbiter.mirror(leader.timeline);
        }
        if !Arc::ptr_eq(self.show.state(), &leader.state) && **self.show.state() != *leader.state {
            let before = Arc::clone(self.show.state());
            self.show.replace(&leader.state);
            let names = Names { layout: &self.layout, mapper: &self.mapper, known: &self.known };
            self.rules.replace(&before, &leader.state, names);
            self.arbiter.limit(self.show.state().tempo_range.ends(), now);
            out.push(Event::State(self.show.state().as_ref().clone()));
        }
        if let Some((seq, time)) = leader.row {
            self.rules.pass(self.arbiter.told(), time);
            let hops = now.since(time).max(0) as u128 / hop.as_nanos().max(1);
            self.seq = Some(seq.saturating_add(u64::try_from(hops).unwrap_or(0)));
        }
    }

    /// The show's time has gone back: everything timed by the clock before is forgotten.
    fn set_back(&mut self, time: ShowTime, now: ShowTime) {
        (self.now, self.time) = (now, time);
        self.pending = Pending::default();
        self.echoes = Echoes::new(&self.schema, &self.values, self.arbiter.told().tempo, self.echoes.kept());
        self.rules.forget_times();
        self.show.forget_undo();
        self.arbiter.set_back();
        self.arbiter.limit(self.show.state().tempo_range.ends(), now);
    }

    /// Leads from where the leader was last heard: the beat continues without a step, and the audio here corrects it
    /// slowly, in the leader's octave and on its side of the beat.
    pub fn take_over(&mut self, leader: &Mirrored, now: ShowTime, hop: Duration, out: &mut Vec<Event>) {
        self.mirror(leader, now, hop, out);
        self.leads = true;
        self.arbiter.take_over(leader.sounding, leader.manual, leader.confidences, now);
        self.say("took over", out);
    }
}
