//! The relation of this daemon's references to another daemon's timeline.
//!
//! A standby tracks the beat of the same music, perhaps in another octave or on the other side of the beat than its
//! leader, which the operator may have corrected. After a takeover, its own references count only in the relation that
//! they have kept for a while: a beat just found is often wrong, and the inherited one is not.

use crate::arbiter::level::same_tempo;
use crate::arbiter::reference::Reference;
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// How long a relation must hold before it counts: two bars at 120 BPM.
const STAYS_NS: i64 = 4_000_000_000;
/// How much the beat may move in it, in beats: as far as a reference is followed without doubt.
const MOVES: f64 = 0.06;
/// Time constant of the mean, per hop: half a second.
const FOLLOWS: f64 = 0.01;
/// A larger offset means that the operator has moved the beat; two trackers differ by less.
const NUDGED_NS: f64 = 15e6;

/// A settled relation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::arbiter) struct Settled {
    /// The timeline's tempo as a multiple of the reference's.
    pub factor: f64,
    /// The timeline's beats lie between the reference's.
    pub offbeat: bool,
    /// The delay of the timeline's beats after the reference's, in nanoseconds.
    pub later_ns: i64,
}

/// The relation, as far as known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relation {
    /// The timeline's tempo as a multiple of the reference's.
    factor: f64,
    /// The timeline's beats lie between the reference's.
    offbeat: bool,
    /// The delay of the reference's beats after the timeline's, in beats.
    mean: f64,
    since: Option<ShowTime>,
}

impl Relation {
    /// Takes the current reference and timeline.
    pub fn observe(&mut self, reference: Option<&Reference>, line: &Timeline, now: ShowTime) {
        let found = reference.and_then(|reference| Some((reference, same_tempo(reference.tempo, line.tempo)?)));
        let Some((reference, factor)) = found else {
            self.since = None;
            return;
        };
        let unit = Beats::from_f64(factor.min(1.0)).0.max(1);
        let off = (line.beats_at(reference.beat()).0 + unit / 2).rem_euclid(unit) - unit / 2;
        let off = Beats(off).as_f64();
        let offbeat = factor >= 1.0 && off.abs() > 0.25;
        let off = if offbeat { off - 0.5 * off.signum() } else { off };
        let same = self.factor == factor && self.offbeat == offbeat && (off - self.mean).abs() <= MOVES;
        if same && self.since.is_some() {
            self.mean += FOLLOWS * (off - self.mean);
        } else {
            *self = Self { factor, offbeat, mean: off, since: Some(now) };
        }
    }

    /// The relation, if it has held long enough.
    pub fn settled(&self, line: &Timeline, now: ShowTime) -> Option<Settled> {
        let stays = self.since.is_some_and(|since| now.since(since) >= STAYS_NS);
        stays.then(|| Settled { factor: self.factor, offbeat: self.offbeat, later_ns: self.later_ns(line) })
    }

    /// The delay of the timeline's beats after the reference's, in nanoseconds, if intended.
    fn later_ns(&self, line: &Timeline) -> i64 {
        let later = -self.mean * line.beat_ns();
        if later.abs() > NUDGED_NS { later.round() as i64 } else { 0 }
    }
}
