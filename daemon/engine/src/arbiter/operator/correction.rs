//! The operator's correction of references, until the next song.

use crate::arbiter::level::{fold, nearest};
use crate::arbiter::reference::Reference;
use crate::arbiter::target::Target;
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// From this many beats on the operator means another beat rather than another latency.
const ELSEWHERE: f64 = 0.2;

/// The operator's correction of references.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::arbiter) struct Correction {
    /// Tempo as a multiple of the reference's.
    factor: f64,
    /// A tempo at the operator's level, in beats per minute: it is reported at any level of the reference.
    level: Option<f64>,
    /// The delay of beats that the operator wants, in nanoseconds.
    nudged: i64,
    /// The delay of beats to apply, in nanoseconds: the nudge, or nothing once the tracker has learnt it.
    later: i64,
    /// Whether beats lie between those of the reference.
    offbeat: bool,
    /// Whether the operator has tapped the beat.
    tapped: bool,
    /// Whether the operator has set the start of the bar.
    the_one: bool,
    /// The time of the last correction.
    at: ShowTime,
}

impl Correction {
    /// References are right.
    pub const NONE: Self = Self {
        factor: 1.0,
        level: None,
        nudged: 0,
        later: 0,
        offbeat: false,
        tapped: false,
        the_one: false,
        at: ShowTime(i64::MIN),
    };

    /// From the relation of references to a timeline of this tempo, which must continue.
    pub fn carried_over(factor: f64, offbeat: bool, later: i64, tempo: f64, now: ShowTime) -> Self {
        let level = (factor != 1.0).then_some(tempo);
        Self { factor, level, offbeat, later, nudged: later, at: now, ..Self::NONE }
    }

    /// The target of the beat, from a reference.
    pub fn target(&self, reference: &Reference) -> Target {
        let tempo = reference.tempo * self.factor;
        let between = if self.offbeat { (30e9 / tempo).round() as i64 } else { 0 };
        let unit = Beats::from_f64(self.factor.min(1.0));
        Target { tempo, beat: reference.beat().offset(self.later.saturating_add(between)), unit }
    }

    /// The reported time of the reference's own beat, between which others may be.
    pub fn beat(&self, reference: &Reference) -> ShowTime {
        reference.beat().offset(self.later)
    }

    /// When something reported at a moment is audible.
    pub fn heard(&self, told: ShowTime) -> ShowTime {
        told.offset(-self.later)
    }

    /// Moves references to the operator's level, only as far as still necessary: the tracker may have followed. The
    /// same for the beat, which the tracker may have learnt, or lost again.
    pub fn settle(&mut self, reference: &Reference, range: Option<[f64; 2]>, goal: &Timeline) {
        self.factor = match (self.level, range) {
            (Some(level), _) => nearest(reference.tempo, level, self.factor),
            (None, Some(range)) => fold(reference.tempo, range),
            (None, None) => 1.0,
        };
        if self.target(reference).is_near(goal) {
            return;
        }
        let before = *self;
        let elsewhere = before.nudged.unsigned_abs() as f64 > ELSEWHERE * goal.beat_ns();
        let latencies = if elsewhere { [before.nudged, 0] } else { [before.later; 2] };
        for later in latencies {
            for offbeat in [false, before.tapped || before.offbeat] {
                *self = Self { later, offbeat, ..before };
                if self.target(reference).is_near(goal) {
                    return;
                }
            }
        }
        *self = before;
    }

    /// The operator has tapped `goal`, whose tempo is this multiple of a reference's.
    pub fn tapped(&mut self, reference: &Reference, factor: f64, goal: &Timeline, at: ShowTime) {
        *self = Self { factor, level: Some(goal.tempo), offbeat: false, tapped: true, at, ..*self };
        let off = self.target(reference).away(goal).as_f64();
        self.offbeat = factor >= 1.0 && off.abs() > 0.25;
    }

    /// Delays beats further, in nanoseconds.
    pub fn nudge(&mut self, later: i64, now: ShowTime) {
        let nudged = self.later.saturating_add(later);
        *self = Self { nudged, later: nudged, at: now, ..*self };
    }

    /// Multiplies the tempo, which makes it `level`.
    pub fn multiply(&mut self, factor: f64, level: f64, now: ShowTime) {
        *self = Self { factor: self.factor * factor, level: Some(level), at: now, ..*self };
    }

    /// The operator has set the start of the bar.
    pub fn set_the_one(&mut self, now: ShowTime) {
        *self = Self { the_one: true, at: now, ..*self };
    }

    /// Only levels in this range are wanted.
    pub fn limit(&mut self, [low, high]: [f64; 2]) {
        self.level = self.level.filter(|level| (low..=high).contains(level));
    }

    /// A tempo at the operator's level.
    pub fn level(&self) -> Option<f64> {
        self.level
    }

    /// Whether it is older than a moment.
    pub fn is_before(&self, moment: ShowTime) -> bool {
        self.at < moment
    }

    /// Whether reported beats differ from those that the music counts.
    pub fn moves_beats(&self) -> bool {
        self.offbeat || self.factor != 1.0
    }

    /// Whether the operator has tapped the beat.
    pub fn has_tapped(&self) -> bool {
        self.tapped
    }

    /// Whether the operator has set the start of the bar.
    pub fn has_the_one(&self) -> bool {
        self.the_one
    }
}
