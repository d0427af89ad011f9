//! Keeps the timeline: merges what is heard with what the operator wants.
//!
//! `lead` says who comes first. What is heard moves the goal through `following`; commands move it at once; `steering`
//! brings what everyone is told there without visible jumps.

mod bars;
mod confidences;
mod ears;
mod following;
mod lead;
mod lock;
mod relation;
mod song;
mod steering;
mod taps;
mod teaching;
mod wishes;

pub use confidences::Confidences;
pub use lead::Lead;
pub use lock::Lock;
pub(super) use wishes::Wish;

use super::advice::{Advice, Advices};
use super::{Heard, MusicState, Role, TempoConfig};
use bars::Bars;
use downbeat_analysis::Pulse;
use downbeat_protocol::{Beats, ShowTime, Timeline};
use ears::Ears;
use following::{Following, Target};
use lead::Asked;
use relation::Relation;
use song::Song;
use steering::Steering;
use taps::Taps;

/// Tempo of a show in which nothing was heard yet.
const FIRST_TEMPO: f64 = 120.0;
/// How much a tapped tempo may differ from a heard one and still mean it: people tap to about 4 %.
const TAPPED_SAME: f64 = 0.05;
/// The beat counts as lost when for this long the music was not sure of it: 10 s.
const LOST: i64 = 10_000_000_000;
/// A beat that was sure for so long is carried through breakdowns; one that was not, by noise or by chance, is given up
/// soon.
const ESTABLISHED: i64 = 4_000_000_000;
const LOST_EARLY: i64 = 2_000_000_000;
/// A timeline that was taken over from another daemon, and that nothing heard here agrees with, counts for so long: 12 s.
const INHERITED: i64 = 12_000_000_000;
/// For so long after that one's own ears count only while they stay in one relation to it: 30 s, in which ears that have
/// just begun to hear have found the beat.
const APPRENTICE: i64 = 30_000_000_000;
/// More than this between two hops is no listening.
const LONGEST_HOP: i64 = 250_000_000;

/// How the operator bends what is heard, until the next song.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bend {
    /// Tempo as a multiple of the heard one.
    factor: f64,
    /// A tempo of the level that the operator wants, in beats per minute: whatever level is heard, this one is told.
    level: Option<f64>,
    /// By how much the operator wants beats to be later than they were heard, in nanoseconds.
    nudged: i64,
    /// Beats are later than heard, in nanoseconds: what was nudged, or nothing where the tracker has learnt it.
    later: i64,
    /// Beats lie between the heard ones.
    offbeat: bool,
    /// The operator has tapped where the beat is.
    tapped: bool,

    /// The operator has said where the bar begins.
    the_one: bool,
    /// When the operator last did so.
    at: ShowTime,
}

const STRAIGHT: Bend = Bend {
    factor: 1.0,
    level: None,
    nudged: 0,
    later: 0,
    offbeat: false,
    tapped: false,
    the_one: false,
    at: ShowTime(i64::MIN),
};

/// A timeline that was taken over from another daemon.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Inherited {
    confidences: Confidences,
    since: ShowTime,
    /// When what is heard here was last in a settled relation to it.
    agreed: ShowTime,
}

/// The keeper of the timeline.
#[derive(Clone, Debug)]
pub(super) struct Conductor {
    ears: Ears,
    song: Song,
    steering: Steering,
    following: Following,
    bars: Bars,
    taps: Taps,
    asked: Option<Asked>,
    bend: Bend,
    lead: Lead,
    /// What the bus to believe said last, if one was sure.
    heard: Option<Heard>,
    /// When the music was last sure of its beat, or known to do without for a while.
    sure_at: Option<ShowTime>,
    /// When was last listened, and for how long, in sum, the beat has been sure since it was found.
    heard_at: Option<ShowTime>,
    sure_for: i64,
    /// The tempi that may be told of what is heard, when the operator has locked them.
    range: Option<[f64; 2]>,
    advice: Advices,
    /// Another daemon leads: the timeline is its own.
    standing_by: bool,
    /// The timeline is that of a leader that is gone, until what is heard here can be believed.
    inherited: Option<Inherited>,
    relation: Relation,
    lock: Lock,
}

impl Conductor {
    pub fn new(roles: &[Role], tempo: &TempoConfig) -> Self {
        let line = Timeline {
            tempo: FIRST_TEMPO.clamp(tempo.range[0], tempo.range[1]),
            beats_per_bar: tempo.beats_per_bar,
            bars_per_phrase: tempo.bars_per_phrase,
            ..Timeline::default()
        };
        Self {
            ears: Ears::new(roles),
            song: Song::default(),
            steering: Steering::new(line),
            following: Following::default(),
            bars: Bars::default(),
            taps: Taps::default(),
            asked: None,
            bend: STRAIGHT,
            lead: Lead::Nobody,
            heard: None,
            sure_at: None,
            heard_at: None,
            sure_for: 0,
            range: None,
            advice: Advices::default(),
            standing_by: false,
            inherited: None,
            relation: Relation::default(),
            lock: Lock::default(),
        }
    }

    /// Another daemon leads, with this timeline.
    pub fn mirror(&mut self, line: Timeline) {
        self.standing_by = true;
        self.inherited = None;
        self.steering = Steering::new(line);
    }

    /// Nobody else leads any more. The timeline goes on; what is heard is followed in the level and on the side of the beat
    /// that the leader told, as soon as it has stayed in one relation to it.
    pub fn take_over(&mut self, sounding: bool, manual: bool, confidences: Confidences, now: ShowTime) {
        self.standing_by = false;
        if sounding {
            self.resume(*self.told(), now);
            self.inherited = Some(Inherited { confidences, since: now, agreed: now });
        }
        self.asked = manual.then_some(Asked { manual, at: now });
    }

    /// Follows what is heard from now on, as it lies to the timeline.
    fn trust_own_ears(&mut self, now: ShowTime) {
        let Relation { factor, offbeat, .. } = self.relation;
        let line = *self.goal();
        let later = self.relation.later_ns(&line);
        let level = (factor != 1.0).then_some(line.tempo);
        self.bend = Bend { factor, level, offbeat, later, nudged: later, at: now, ..STRAIGHT };
    }

    /// Whether a timeline that was taken over goes on as it is, whatever is heard.
    fn holds_inherited(&mut self, hears: bool, now: ShowTime) -> bool {
        let Some(inherited) = &mut self.inherited else { return false };
        if self.relation.is_settled(now) {
            inherited.agreed = now;
            if now.since(inherited.since) > APPRENTICE {
                self.inherited = None;
            }
            self.trust_own_ears(now);
            return false;
        }
        if hears && now.since(inherited.agreed) > INHERITED {
            self.inherited = None;
        }
        self.inherited.is_some()
    }

    /// Goes on with the timeline of a daemon that ran until a moment ago.
    pub fn resume(&mut self, line: Timeline, now: ShowTime) {
        let phrases = self.steering.told().bars_per_phrase;
        self.steering = Steering::new(Timeline { bars_per_phrase: phrases, ..line });
        self.following.lock();
        self.song.resume(now);
        self.sure_at = Some(now);
        self.sure_for = ESTABLISHED;
    }

    pub fn hear(&mut self, bus: usize, heard: Option<Heard>) {
        self.ears.hear(bus, heard);
    }

    /// Goes on to `now`. Says why when the timeline changes visibly.
    pub fn advance(&mut self, now: ShowTime, hold: bool) -> Option<&'static str> {
        let why = self.go_on(now, hold);
        self.lock = self.lock.next(self.lead, self.is_beating(now), self.confidences().pulse, self.ears.state());
        why
    }

    /// Whether the beat can be trusted, and why.
    pub fn locked(&self) -> Lock {
        self.lock
    }

    fn go_on(&mut self, now: ShowTime, hold: bool) -> Option<&'static str> {
        let state = self.ears.state();
        let goal = *self.goal();
        // So that the beat after an empty bar is not told any more.
        let bar = goal.beat_ns() * (f64::from(goal.beats_per_bar) - Pulse::BAR_ENDS_BEATS);
        if let Some(silent_since) = self.song.hear(state, self.ears.music_at(), bar, now) {
            self.begin_song(silent_since);
        }
        let heard = self.ears.best(now);
        if self.standing_by || self.inherited.is_some() {
            self.relation.hear(heard.as_ref(), &goal, now);
        }
        if self.standing_by {
            return None;
        }
        let holds = self.holds_inherited(heard.is_some(), now);
        if heard.is_some() {
            self.sure_for += self.heard_at.map_or(0, |at| now.since(at)).clamp(0, LONGEST_HOP);
        }
        self.heard_at = Some(now);
        let established = self.sure_for >= ESTABLISHED;
        if heard.is_some() || established && state == MusicState::Breakdown {
            self.sure_at = Some(now);
        } else if self.sure_at.is_none_or(|at| now.since(at) > if established { LOST } else { LOST_EARLY }) {
            self.following.forget();
            self.sure_for = 0;
        }
        if let (Some(heard), false) = (heard, holds) {
            self.settle(&heard);
            if !hold {
                self.agree_with_taps(&heard, now);
            }
        }
        self.lead = Lead::of(hold, self.asked, heard.is_some());
        if holds && !self.lead.is_operator() {
            self.lead = Lead::Inherited;
        }
        self.heard = heard;
        let mut why = None;
        if let (Lead::Audio, Some(heard)) = (self.lead, heard) {
            let target = self.target(&heard);
            // What contradicts a timeline that was just taken over is not even doubted: it is not heard.
            if self.inherited.is_some() && !target.fits(self.goal()) {
                self.steering.advance(now);
                return None;
            }
            why = self.following.follow(&mut self.steering, &target, now);
            why = why.or(self.follow_bars(&heard, now));
        }
        let unasked = self.steering.advance(now);
        why.or(unasked.then_some("audio: beat corrected"))
    }

    /// What everyone is told.
    pub fn told(&self) -> &Timeline {
        self.steering.told()
    }

    /// Where that is heading: the tempo without the small deviations that slew a difference away.
    pub fn goal(&self) -> &Timeline {
        self.steering.goal()
    }

    /// Whether beats shall be played.
    pub fn is_beating(&self, now: ShowTime) -> bool {
        self.lead.is_operator() || (self.following.is_locked() && self.song.is_sounding(now))
    }

    /// Who leads.
    pub fn lead(&self) -> Lead {
        self.lead
    }

    /// How surely what is told is right.
    pub fn confidences(&self) -> Confidences {
        match (self.lead, &self.heard) {
            (Lead::Inherited, _) => self.inherited.map_or(Confidences::default(), |it| it.confidences),
            (Lead::Audio, Some(heard)) => Confidences::of(heard, &self.bend, self.goal()),
            (lead, _) if lead.is_operator() => Confidences::SURE,
            _ => Confidences::default(),
        }
    }

    /// The liveliest state of all buses.
    pub fn state(&self) -> MusicState {
        self.ears.state()
    }

    /// The state of one bus.
    pub fn state_of(&self, bus: usize) -> MusicState {
        self.ears.state_of(bus)
    }

    /// What was asked for before the silence is over; what was asked for in it was meant for this song.
    fn begin_song(&mut self, silent_since: ShowTime) {
        if self.bend.at < silent_since {
            self.bend = STRAIGHT;
        }
        if self.asked.is_some_and(|asked| asked.at < silent_since) {
            self.asked = None;
        }
        self.following.forget();
        self.sure_for = 0;
        self.inherited = None;
    }

    fn target(&self, heard: &Heard) -> Target {
        let bend = self.bend;
        let tempo = heard.tempo * bend.factor;
        let between = if bend.offbeat { (30e9 / tempo).round() as i64 } else { 0 };
        let unit = Beats::from_f64(bend.factor.min(1.0));
        Target { tempo, beat: heard.beat.offset(bend.later.saturating_add(between)), unit }
    }

    fn follow_bars(&mut self, heard: &Heard, now: ShowTime) -> Option<&'static str> {
        // Bent beats are not the ones that the music counts.
        if self.bend.the_one || self.bend.offbeat || self.bend.factor != 1.0 {
            return None;
        }
        let goal = *self.goal();
        let beat = goal.beats_at(heard.beat.offset(self.bend.later)).round();
        let (origin, beats_per_bar) = self.bars.hear(heard, beat, &goal, now)?;
        self.steering.set_bars(origin, beats_per_bar);
        Some("audio: downbeat")
    }
}

#[cfg(test)]
mod tests;
