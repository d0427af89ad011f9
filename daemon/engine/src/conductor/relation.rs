//! How what is heard here lies to a timeline that another daemon made.
//!
//! A standby hears the same music with its own ears, perhaps in another octave or on the other side of the beat than its
//! leader, whom the operator may have told. When it takes over, what it hears counts only in the relation in which it has
//! stayed for a while: a beat that has just been found is often wrong, and the one that was taken over is not.

use super::teaching::same_tempo;
use crate::Heard;
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// How long a relation has to stay before it counts: two bars at 120 BPM.
const STAYS_NS: i64 = 4_000_000_000;
/// By how much the beat may move in it, in beats: as far as what is heard is followed without doubt.
const MOVES: f64 = 0.06;
/// How quickly the mean follows, for each hop: half a second.
const FOLLOWS: f64 = 0.01;
/// The operator has moved the beat when it lies so far off; less than that is what two pairs of ears differ by.
const NUDGED_NS: f64 = 15e6;

/// The relation, as far as it was heard.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relation {
    /// The timeline's tempo as a multiple of the heard one.
    pub factor: f64,
    /// The timeline's beats lie between the heard ones.
    pub offbeat: bool,
    /// Heard beats come so much after the timeline's, in beats.
    mean: f64,
    since: Option<ShowTime>,
}

impl Relation {
    /// Takes what is heard now.
    pub fn hear(&mut self, heard: Option<&Heard>, line: &Timeline, now: ShowTime) {
        let found = heard.and_then(|heard| Some((heard, same_tempo(heard.tempo, line.tempo)?)));
        let Some((heard, factor)) = found else {
            self.since = None;
            return;
        };
        let unit = Beats::from_f64(factor.min(1.0)).0.max(1);
        let off = (line.beats_at(heard.beat).0 + unit / 2).rem_euclid(unit) - unit / 2;
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

    /// Whether it has stayed for long enough to be believed.
    pub fn is_settled(&self, now: ShowTime) -> bool {
        self.since.is_some_and(|since| now.since(since) >= STAYS_NS)
    }

    /// By how much the timeline's beats come later than the heard ones, in nanoseconds, where that was meant.
    pub fn later_ns(&self, line: &Timeline) -> i64 {
        let later = -self.mean * line.beat_ns();
        if later.abs() > NUDGED_NS { later.round() as i64 } else { 0 }
    }
}
