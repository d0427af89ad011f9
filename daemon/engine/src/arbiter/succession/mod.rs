//! The succession after another daemon: a standby mirrors its leader's timeline, and when that is gone, goes on with it.

mod relation;

pub(super) use relation::Settled;

use super::confidences::Confidences;
use super::reference::Reference;
use downbeat_protocol::{ShowTime, Timeline};
use relation::Relation;

/// A timeline that was taken over from another daemon, and that no reference here agrees with, counts for so long: 12 s.
const INHERITED: i64 = 12_000_000_000;
/// For so long after that references count only while they stay in one relation to it: 30 s, in which a tracker that has
/// just begun to listen has found the beat.
const APPRENTICE: i64 = 30_000_000_000;

/// Where this daemon is in the succession.
#[derive(Clone, Debug, Default)]
pub(super) struct Succession {
    /// Another daemon leads: the timeline is its own.
    standing_by: bool,
    /// The timeline is that of a leader that is gone, until a reference here can be believed.
    inherited: Option<Inherited>,
    relation: Relation,
}

/// A timeline that was taken over from another daemon.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Inherited {
    confidences: Confidences,
    since: ShowTime,
    /// When a reference here was last in a settled relation to it.
    agreed: ShowTime,
}

/// What the references here count for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Course {
    /// They count: nothing was taken over, or that was long ago.
    Open,
    /// They count in this relation to the timeline that was taken over.
    Related(Settled),
    /// That timeline goes on as it is, whatever they say.
    Held,
}

impl Succession {
    /// Another daemon leads.
    pub fn stand_by(&mut self) {
        self.standing_by = true;
        self.inherited = None;
    }

    /// Nobody else leads any more.
    pub fn lead(&mut self) {
        self.standing_by = false;
    }

    /// What is told now is the timeline of a leader that was so sure of it.
    pub fn inherit(&mut self, confidences: Confidences, now: ShowTime) {
        self.inherited = Some(Inherited { confidences, since: now, agreed: now });
    }

    /// What was taken over does not matter any more.
    pub fn end(&mut self) {
        self.inherited = None;
    }

    /// The relation of the references here to what was taken over, if something was and they are in one.
    pub fn settled(&self, line: &Timeline, now: ShowTime) -> Option<Settled> {
        self.inherited.and_then(|_| self.relation.settled(line, now))
    }

    /// Takes what is said now, and the timeline that another daemon made, if one did.
    pub fn observe(&mut self, reference: Option<&Reference>, line: &Timeline, now: ShowTime) {
        if self.standing_by || self.inherited.is_some() {
            self.relation.observe(reference, line, now);
        }
    }

    /// What the references count for now; `sure` where there is one.
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

    /// Whether what contradicts the timeline is not to be followed yet, since that was taken over a moment ago.
    pub fn is_cautious(&self) -> bool {
        self.inherited.is_some()
    }

    /// How sure the leader was from whom the timeline was taken over.
    pub fn confidences(&self) -> Confidences {
        self.inherited.map_or(Confidences::default(), |it| it.confidences)
    }
}
