//! Keeps the timeline: chooses among the sources, and carries out the operator's commands.
//!
//! * `sources`: everything that may set the timeline, each as a [`Reference`], and the choice among them
//! * `operator`: commands of a person, obeyed at once and remembered as a correction of references
//! * `succession`: the timeline of another daemon, and how this one continues it
//! * `following`: when to follow a reference
//! * `steering`: moves the reported line to the goal without visible jumps
//! * `song`, `holdover` and `coast`: when a song begins, and how long a beat continues without music or without audio
//! * `lead`, `assess` and `lock`: what sets the timeline, its confidence, and whether the beat can be trusted
//!
//! Each keeps its own state. This module only defines their order.

mod adjustment;
mod assess;
mod coast;
mod confidences;
mod following;
mod holdover;
mod lead;
mod level;
mod lock;
mod operator;
mod reference;
mod song;
mod sources;
mod steering;
mod succession;
mod target;

pub use coast::Hearing;
pub use confidences::Confidences;
pub use lead::Lead;
pub use lock::Lock;
pub use operator::Advice;
pub(super) use operator::Request;
pub use reference::{BarPlace, Reference, Source};

use super::{BusBeat, ClockConfig, MusicState, Role, TempoConfig};
use adjustment::Adjustment;
use coast::Coast;
use downbeat_analysis::Pulse;
use downbeat_protocol::state::Change;
use downbeat_protocol::{ShowTime, Timeline};
use following::Following;
use holdover::Holdover;
use operator::{Correction, Operator};
use song::Song;
use sources::Sources;
use steering::Steering;
use succession::{Course, Settled, Succession};

/// Tempo of a show before any source is sure.
const FIRST_TEMPO: f64 = 120.0;

/// The keeper of the timeline.
#[derive(Clone, Debug)]
pub(super) struct Arbiter {
    sources: Sources,
    operator: Operator,
    succession: Succession,
    following: Following,
    steering: Steering,
    song: Song,
    holdover: Holdover,
    hearing: Hearing,
    coast: Coast,
    /// The confidence while samples last arrived.
    sure: Confidences,
    lead: Lead,
    /// The last statement of the trusted source, if one was sure.
    reference: Option<Reference>,
    lock: Lock,
}

impl Arbiter {
    /// For buses with these roles and these clocks, before any reference.
    pub fn new(roles: &[Role], clocks: &[ClockConfig], tempo: &TempoConfig) -> Self {
        let line = Timeline {
            tempo: FIRST_TEMPO.clamp(tempo.range[0], tempo.range[1]),
            beats_per_bar: tempo.beats_per_bar,
            bars_per_phrase: tempo.bars_per_phrase,
            ..Timeline::default()
        };
        Self {
            sources: Sources::new(roles, clocks),
            operator: Operator::default(),
            succession: Succession::default(),
            following: Following::default(),
            steering: Steering::new(line),
            song: Song::default(),
            holdover: Holdover::default(),
            hearing: Hearing::Live,
            coast: Coast::new(tempo.coast_s),
            sure: Confidences::default(),
            lead: Lead::Nobody,
            reference: None,
            lock: Lock::default(),
        }
    }

    /// Takes the belief of a bus's beat tracker.
    pub fn observe(&mut self, bus: usize, heard: Option<BusBeat>) {
        self.sources.observe(bus, heard);
    }

    /// Whether samples arrive from now on.
    pub fn hear(&mut self, hearing: Hearing) {
        self.hearing = hearing;
    }

    /// Takes a clock's reference.
    pub fn refer(&mut self, reference: Reference) {
        self.sources.refer(reference);
    }

    /// A clock is lost.
    pub fn lose(&mut self, source: Source) {
        self.sources.lose(source);
    }

    /// The show's time has gone back: what was said by the clock before counts no more.
    pub fn set_back(&mut self) {
        self.sources.forget();
        self.coast.forget();
        self.steering = Steering::new(*self.told());
        (self.operator, self.succession, self.following) = Default::default();
        (self.song, self.holdover) = Default::default();
        (self.lead, self.reference, self.lock) = (Lead::Nobody, None, Lock::default());
    }

    /// Another daemon leads, with this timeline.
    pub fn mirror(&mut self, line: Timeline) {
        self.succession.stand_by();
        self.steering = Steering::new(line);
    }

    /// No other daemon leads any more. The timeline continues; references are followed in the leader's level and on its
    /// side of the beat, once they have stayed in one relation to it.
    pub fn take_over(&mut self, sounding: bool, manual: bool, confidences: Confidences, now: ShowTime) {
        self.succession.lead();
        if sounding {
            self.resume(*self.told(), now);
            self.succession.inherit(confidences, now);
        }
        self.operator.take_over(manual, now);
    }

    /// Continues the timeline of a daemon that ran until a moment ago.
    pub fn resume(&mut self, line: Timeline, now: ShowTime) {
        let phrases = self.steering.told().bars_per_phrase;
        self.steering = Steering::new(Timeline { bars_per_phrase: phrases, ..line });
        self.following.lock();
        self.song.resume(now);
        self.holdover.resume(now);
    }

    /// Obeys the operator at once. Returns why the timeline changed, or why the command is impossible.
    pub fn obey(&mut self, request: Request, now: ShowTime) -> Result<&'static str, String> {
        if let Some(settled) = self.succession.settled(self.goal(), now) {
            self.follow_as(settled, now);
        }
        self.succession.end();
        if request == Request::Listen {
            // The timeline continues until a beat is found.
            self.lead = Lead::Nobody;
            self.following.forget();
        }
        self.operator.obey(request, &mut self.steering, &self.sources, now)
    }

    /// Takes a change of settings. Returns why, if that changes the timeline.
    pub fn apply(&mut self, change: &Change, now: ShowTime) -> Option<&'static str> {
        match change {
            Change::Hold(true) => {
                self.operator.hold(&self.steering, &self.sources);
                None
            }
            Change::TempoRange(range) => self.limit(range.ends(), now),
            _ => None,
        }
    }

    /// Limits the reported tempo of references to a range; without one, any. The current tempo moves there at once.
    pub fn limit(&mut self, range: Option<[f64; 2]>, now: ShowTime) -> Option<&'static str> {
        self.operator.limit(range, &mut self.steering, &self.sources, now)
    }

    /// Advances to `now`. Returns why, if the timeline changes visibly.
    pub fn advance(&mut self, now: ShowTime, hold: bool) -> Option<String> {
        let coasted = self.coast.is_on();
        let adjustment = self.go_on(now, hold);
        let coasts = self.coast.is_on() && self.lead == Lead::Nobody;
        if !coasts {
            self.sure = self.confidences();
            let beating = self.is_beating(now);
            self.lock = self.lock.next(self.lead, beating, self.sure.pulse, self.sources.state());
        } else {
            self.lock.why = "no audio";
        }
        let words = adjustment.map(Adjustment::words).or(match (coasted, self.coast.is_on()) {
            (false, true) => Some("lost; the beat goes on by the clock"),
            (true, false) if self.sources.state().is_music() => Some("back"),
            (true, false) => Some("lost for too long; the beat stops"),
            _ => None,
        });
        words.map(|words| format!("{}: {words}", self.source()))
    }

    fn go_on(&mut self, now: ShowTime, hold: bool) -> Option<Adjustment> {
        let state = self.sources.state();
        let goal = *self.goal();
        // So that the beat after an empty bar is not sent.
        let bar = goal.beat_ns() * (f64::from(goal.beats_per_bar) - Pulse::BAR_ENDS_BEATS);
        let beating = self.following.is_locked() && self.song.is_sounding(now);
        let coasts = self.coast.advance(self.hearing, state.is_music(), beating, now);
        if coasts {
            self.following.carried(now);
        }
        // What is not heard is no silence.
        if !coasts && let Some(silent_since) = self.song.observe(state, self.sources.music_at(), bar, now) {
            self.begin_song(silent_since);
        }
        let reference = self.sources.choose(now);
        self.succession.observe(reference.as_ref(), &goal, now);
        if self.succession.is_standing_by() {
            return None;
        }
        let course = self.succession.course(reference.is_some(), &goal, now);
        if let Course::Related(settled) = course {
            self.follow_as(settled, now);
        }
        let held = course == Course::Held;
        let carried = coasts && reference.is_none() && self.holdover.carry(now);
        if !carried && self.holdover.advance(reference.is_some(), state, now) {
            self.following.forget_beat();
        }
        if let (Some(reference), false) = (reference, held) {
            self.operator.settle(&reference, &goal);
            if !hold {
                self.operator.agree_with_taps(&reference, &goal, now);
            }
        }
        self.lead = Lead::of(hold, self.operator.overrides(), reference.map(|reference| reference.source));
        if held && !self.lead.is_operator() {
            self.lead = Lead::Inherited;
        }
        self.reference = reference;
        self.steer(now)
    }

    fn steer(&mut self, now: ShowTime) -> Option<Adjustment> {
        let mut adjustment = None;
        if let (true, Some(reference)) = (self.lead.is_source(), self.reference) {
            let correction = self.operator.correction();
            let target = correction.target(&reference);
            // A contradiction of a timeline just inherited is ignored.
            if self.succession.is_cautious() && !target.fits(self.steering.goal()) {
                self.steering.advance(now);
                return None;
            }
            adjustment = self.following.follow(&reference, correction, &target, &mut self.steering, now);
        }
        let unasked = self.steering.advance(now);
        adjustment.or(unasked.then_some(Adjustment::BeatCorrected))
    }

    /// The reported timeline.
    pub fn told(&self) -> &Timeline {
        self.steering.told()
    }

    /// The goal of the reported timeline: the tempo without the small deviations that slew a difference away.
    pub fn goal(&self) -> &Timeline {
        self.steering.goal()
    }

    /// Whether to send beats: while there is music, or when something that needs no music sets the tempo.
    pub fn is_beating(&self, now: ShowTime) -> bool {
        let needs_none = self.lead == Lead::Clock || self.song.is_sounding(now) || self.coast.is_on();
        self.lead.is_operator() || (self.following.is_locked() && needs_none)
    }

    /// What sets the timeline.
    pub fn lead(&self) -> Lead {
        self.lead
    }

    /// The name of the leading source, or else that of the audio.
    pub fn source(&self) -> &str {
        let leads = self.reference.filter(|_| self.lead == Lead::Clock).map(|reference| reference.source);
        self.sources.name(leads.unwrap_or(Source::Bus(0)))
    }

    /// Whether the beat can be trusted, and why.
    pub fn locked(&self) -> Lock {
        self.lock
    }

    /// Whether the beat continues by the clock because the audio is lost.
    pub fn is_coasting(&self) -> bool {
        self.coast.is_on()
    }

    /// Whether the beat continues although nothing gives it, and for how many nanoseconds it will; `None` for as long as
    /// the server does something else.
    pub fn coasts(&self, now: ShowTime) -> Option<Option<i64>> {
        if self.lead != Lead::Nobody || !self.is_beating(now) {
            return None;
        }
        if self.coast.is_on() {
            return Some(self.coast.left(now).filter(|_| self.hearing != Hearing::Suspended));
        }
        let left = self.holdover.left(self.sources.state(), now)?;
        let music = self.sources.state().is_music();
        Some(Some(if music { left } else { left.min(self.song.left(now)) }))
    }

    /// Confidence in the reported beat.
    pub fn confidences(&self) -> Confidences {
        match (self.lead, &self.reference) {
            (Lead::Inherited, _) => self.succession.confidences(),
            (lead, Some(reference)) if lead.is_source() => {
                assess::confidences(reference, self.operator.correction(), self.goal())
            }
            (lead, _) if lead.is_operator() => Confidences::SURE,
            (Lead::Nobody, _) if self.coast.is_on() => self.sure,
            _ => Confidences::default(),
        }
    }

    /// The liveliest state of all buses.
    pub fn state(&self) -> MusicState {
        self.sources.state()
    }

    /// The state of one bus.
    pub fn state_of(&self, bus: usize) -> MusicState {
        self.sources.state_of(bus)
    }

    /// Advice for the trackers.
    pub fn advice(&mut self) -> impl Iterator<Item = (usize, Advice)> + '_ {
        self.operator.advice()
    }

    /// The trackers are new: repeats advice that still holds.
    pub fn advise_again(&mut self) {
        self.operator.advise_again(&self.sources);
    }

    /// References are followed from now on in their current relation to the timeline.
    fn follow_as(&mut self, settled: Settled, now: ShowTime) {
        let Settled { factor, offbeat, later_ns } = settled;
        self.operator.correct(Correction::carried_over(factor, offbeat, later_ns, self.goal().tempo, now));
    }

    fn begin_song(&mut self, silent_since: ShowTime) {
        self.operator.begin_song(silent_since);
        self.succession.end();
        // Another clock does not know songs: its beat continues.
        if self.lead != Lead::Clock {
            self.following.forget_beat();
            self.holdover.begin();
        }
    }
}

#[cfg(test)]
mod tests;
