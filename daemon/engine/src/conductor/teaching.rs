//! What the beat trackers learn from the operator, and how what they then say is taken.
//!
//! The told timeline obeys at once. So that the trackers do not go on saying something else, they are told as well;
//! those that cannot follow, because the tempo lies outside of what they can track, say, are bent into agreement.

use super::{Advice, Bend, Conductor, Lead, STRAIGHT, TAPPED_SAME};
use crate::Heard;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Beats, ShowTime};

/// A level is kept while what is heard is within so many octaves of it: more than half of one, so that a tempo in the
/// middle between two levels does not change between them.
const LEVEL_OCTAVES: f64 = 0.6;
/// From so many beats on the operator means another beat, not another latency.
const ELSEWHERE: f64 = 0.2;
/// How near to a beat or to the middle between two a tap has to be to mean that, in half beats.
const ON_HALVES: f64 = 0.3;

impl Conductor {
    /// What the trackers are to learn.
    pub fn advice(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.advice.take()
    }

    /// The trackers are new: what still holds is said again.
    pub fn teach_again(&mut self) {
        self.teach(Advice::Range(self.range));
        if let Some(level) = self.bend.level {
            self.teach(Advice::Tempo(level));
        }
    }

    /// Takes note of what was set. Says why when that changes the timeline.
    pub fn heed(&mut self, change: &Change, now: ShowTime) -> Option<&'static str> {
        match change {
            Change::Hold(true) => {
                self.teach_tempo(self.goal().tempo);
                None
            }
            Change::TempoRange(range) => self.lock(range.ends(), now),
            _ => None,
        }
    }

    /// Only tempi in this range may be told of what is heard; without one, any. What is told goes there at once.
    pub fn lock(&mut self, range: Option<[f64; 2]>, now: ShowTime) -> Option<&'static str> {
        if range == self.range {
            return None;
        }
        self.range = range;
        self.teach(Advice::Range(range));
        let range = range?;
        if self.bend.level.is_some_and(|level| !(range[0]..=range[1]).contains(&level)) {
            self.bend.level = None;
        }
        let factor = fold(self.goal().tempo, range);
        if self.asked.is_some() || factor == 1.0 || self.change_level(factor, now).is_err() {
            return None;
        }
        self.teach_nearest_beat(now);
        Some("into the locked range")
    }

    /// Everything that was learnt or said of tempo and bar is forgotten. The timeline goes on until a beat is found.
    pub(super) fn listen(&mut self) {
        self.bend = STRAIGHT;
        self.asked = None;
        self.taps = Default::default();
        self.bars = Default::default();
        self.lead = Lead::Nobody;
        self.following.forget();
        self.teach(Advice::Forget);
    }

    /// Bends what is heard into the level that the operator wants, and no further than what is heard still needs: the
    /// tracker may have followed.
    pub(super) fn settle(&mut self, heard: &Heard) {
        let bend = self.bend;
        self.bend.factor = match (bend.level, self.range) {
            (Some(level), _) => {
                let away = (level / heard.tempo).log2();
                let kept = (away - bend.factor.log2()).abs() <= LEVEL_OCTAVES;
                if kept { bend.factor } else { away.round().exp2() }
            }
            (None, Some(range)) => fold(heard.tempo, range),
            (None, None) => 1.0,
        };
        self.settle_beat(heard);
    }

    /// The same for the beat, which the tracker may have learnt, or gone back from.
    fn settle_beat(&mut self, heard: &Heard) {
        let goal = *self.goal();
        if self.target(heard).is_near(&goal) {
            return;
        }
        let bent = self.bend;
        let elsewhere = bent.nudged.unsigned_abs() as f64 > ELSEWHERE * goal.beat_ns();
        let latencies = if elsewhere { [bent.nudged, 0] } else { [bent.later; 2] };
        for later in latencies {
            for offbeat in [false, bent.tapped || bent.offbeat] {
                self.bend = Bend { later, offbeat, ..bent };
                if self.target(heard).is_near(&goal) {
                    return;
                }
            }
        }
        self.bend = bent;
    }

    /// The tempo is this one, in beats per minute. Where a tracker hears it in another octave, it knows it better
    /// than the operator, but for the octave.
    pub(super) fn teach_tempo(&mut self, tempo: f64) {
        for bus in 0..self.ears.len() {
            let octave = self.ears.beat_of(bus).and_then(|(_, heard)| same_tempo(heard, tempo));
            self.advice.push(bus, octave.map_or(Advice::Tempo(tempo), Advice::Octave));
        }
    }

    /// A told beat is there.
    pub(super) fn teach_beat(&mut self, at: ShowTime) {
        let at = at.offset(-self.bend.later);
        self.teach(Advice::Beat(at));
    }

    /// The operator taps a beat. A tracker that is sure of its beats, and is tapped on or right between them, knows
    /// better where exactly they are: between them, it is bent. Any other is told.
    pub(super) fn teach_tap(&mut self, at: ShowTime) {
        let at = at.offset(-self.bend.later);
        for bus in 0..self.ears.len() {
            let halves = self.ears.beat_of(bus).map(|(beat, tempo)| at.since(beat) as f64 * tempo / 30e9);
            if halves.is_none_or(|halves| (halves - halves.round()).abs() > ON_HALVES) {
                self.advice.push(bus, Advice::Beat(at));
            }
        }
    }

    /// The told beats are right.
    pub(super) fn teach_nearest_beat(&mut self, now: ShowTime) {
        self.teach_beat(self.goal().time_of(Beats::whole(self.goal().beats_at(now).round())));
    }

    /// The bar begins with the told beat of this count.
    pub(super) fn teach_bar(&mut self, beat: Beats) {
        let at = self.told().time_of(beat).offset(-self.bend.later);
        self.teach(Advice::Downbeat(at));
    }

    fn teach(&mut self, advice: Advice) {
        for bus in 0..self.ears.len() {
            self.advice.push(bus, advice);
        }
    }
}

/// The multiple of a heard tempo that another one is, as near as people tap.
pub(super) fn same_tempo(heard: f64, other: f64) -> Option<f64> {
    let near = |factor: &f64| (other / (heard * factor) - 1.0).abs() <= TAPPED_SAME;
    [0.25, 0.5, 1.0, 2.0, 4.0].into_iter().find(near)
}

/// The multiple of a tempo that lies in a range; 1 when it does or none does.
fn fold(tempo: f64, [low, high]: [f64; 2]) -> f64 {
    let inside = |factor: &f64| (low..=high).contains(&(tempo * factor));
    [1.0, 2.0, 0.5, 4.0, 0.25].into_iter().find(inside).unwrap_or(1.0)
}
