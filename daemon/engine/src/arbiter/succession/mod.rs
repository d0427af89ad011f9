//! Takes over from another daemon: a standby mirrors its leader's timeline, and continues it when the leader is gone.

mod relation;

pub(super) use relation::Settled;

use super::confidences::Confidences;
use super::reference::Reference;
use downbeat_protocol::{ShowTime, Timeline};
use relation::Relation;

/// How long an inherited timeline holds if no reference here agrees with it: 12 s.
const INHERITED: i64 = 12_000_000_000;
/// How long after that references count only while they stay in one relation to it: 30 s, enough for a new tracker to
/// find the beat.
const APPRENTICE: i64 = 30_000_000_000;

/// The state of this daemon in the succession.
#[derive(Clone, Debug, Default)]
pub(super) struct Succession {
    /// Another daemon leads: the timeline is its own.
    standing_by: bool,
    /// The timeline is a former leader's, until a reference here can be trusted.
    inherited: Option<Inherited>,
    relation: Relation,
}

/// An inherited timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Inherited {
    confidences: Confidences,
    since: ShowTime,
    /// When a reference here last had a settled relation to it.
    agreed: ShowTime,
}

/// How references here count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Course {
    /// They count: nothing was inherited, or that was long ago.
    Open,
    /// They count in this relation to the inherited timeline.
    Related(Settled),
    /// The timeline continues as it is, whatever they say.
    Held,
}

impl Succession {
    /// Another daemon leads.
    pub fn stand_by(&mut self) {
        self.standing_by = true;
        self.inherited = None;
    }

    /// No other daemon leads any more.
    pub fn lead(&mut self) {
        self.standing_by = false;
    }

    /// The reported timeline is that of a leader with this confidence.
    pub fn inherit(&mut self, confidences: Confidences, now: ShowTime) {
        self.inherited = Some(Inherited { confidences, since: now, agreed: now });
    }

    /// The inherited timeline no longer matters.
    pub fn end(&mut self) {
        self.inherited = None;
    }

    /// The relation of the references here to the inherited timeline, if there are both.
    pub fn settled(&self, line: &Timeline, now: ShowTime) -> Option<Settled> {
        self.inherited.and_then(|_| self.relation.settled(line, now))
    }

    /// Takes the current reference, and the timeline of another daemon, if there is one.
    pub fn observe(&mut self, reference: Option<&Reference>, line: &Timeline, now: ShowTime) {
        if self.standing_by || self.inherited.is_some() {
            self.relation.observe(reference, line, now);
        }
    }

    /// How references count now; `sure` if there is one.
    pub fn course(&mut self, sure: bool, line: &Timeline, now: ShowTime) -> Course {
        let Some(inherited) = &mut self.inherited else { return Course::Open };
        if let Some(settled) = self.relation.settled(line, now) {
            inherited.agreed = now;
            if now.since(inherited.since) > APPRENTICE {
                self.inherited = None;
            }
            return Course::Related(settled);
        }
        if sure && now.since(inherited.agreed) > INHERITED {
            self.inherited = None;
        }
        if self.inherited.is_some() { Course::Held } else { Course::Open }
    }

    /// Whether another daemon leads.
    pub fn is_standing_by(&self) -> bool {
        self.standing_by
    }

    /// Whether to ignore contradictions, because the timeline was inherited a moment ago.
    pub fn is_cautious(&self) -> bool {
        self.inherited.is_some()
    }

    /// The confidence of the former leader.
    pub fn confidences(&self) -> Confidences {
        self.inherited.map_or(Confidences::default(), |it| it.confidences)
    }
}
