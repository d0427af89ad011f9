//! The election of the leader. Pure: all times and messages are arguments.
//!
//! One daemon leads, in a *term*; each takeover begins the next one, and a leader that hears of a higher term stands
//! down. A standby takes over when the leader has been silent for the detection time, to itself and to every client
//! that answered ([`witness`](Election::witness)), if it is ready to continue. Clients follow the highest term, so
//! while two daemons lead, as after a partition, they follow one of them.
//!
//! Without a third party, a dead leader looks the same as a cut cable. So when the network splits in two, each half
//! keeps its audience and may have its own leader; when it is whole again, the higher term stays.
//!
//! Clients that hear both tell the one with the lower term. Two daemons that started the same term at once, each cut
//! off from the other, learn of it only when one of them hears the other. The caller keeps the term across a restart.

use downbeat_protocol::{HostTime, plausible};
use std::time::Duration;

/// How long a former leader asks the others before it leads: longer than a connection takes on a good network.
const ASKING: Duration = Duration::from_millis(400);
/// How much longer each further standby waits, in detection times, so that two do not take over at once.
const STAGGER: f64 = 0.6;
/// How long a preferred daemon must be ready before it takes the lead back: 10 s of matching beats.
const SETTLED: Duration = Duration::from_secs(10);
/// How long a daemon does not take the lead back after giving it away, even if no one has taken it: 2 s.
const GIVEN: Duration = Duration::from_secs(2);
/// A standby counts as ready if it was within this time before the leader was last heard, or later: 250 ms, or a
/// detection time.
const GRACE: Duration = Duration::from_millis(250);
/// How much later each further standby follows a call for a new leader, in detection times: longer than a message
/// takes.
const TURN: Duration = Duration::from_millis(25);
/// Silence after which a standby is gone: a few times the interval of its messages.
const PRESENT: Duration = Duration::from_millis(500);
/// Time without another leader after which a daemon that was part of the show leads although it is not ready: 2 s, and
/// at least ten detection times. An old state is better than none.
const FORLORN: Duration = Duration::from_secs(2);
/// How long daemons that only stand by for each other wait for a leader, before one of them leads: 5 s, longer than one
/// that knows the show waits. A preferred one waits half as long, each further one a second longer.
const COLD: Duration = Duration::from_secs(5);
/// A client that names a term further ahead than this is mistaken or lying.
const FURTHEST: u32 = 1_000;

/// Settings of the election.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Identifies the run of a daemon. If two lead in one term, the greater stays.
    pub id: u64,
    /// The last term that it knew.
    pub term: u32,
    /// How it starts.
    pub begin: Begin,
    /// Silence after which a leader is considered dead.
    pub detection: Duration,
    /// Takes the lead back from another one when it can.
    pub preferred: bool,
}

/// How a daemon starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The only known daemon: it leads at once.
    Alone,
    /// One of several, which may lead already: it asks, and leads if none does.
    Asking,
    /// It stands by, and never leads before it has followed, unless all others are there and stand by, too.
    Standby,
}

/// The standing of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It leads.
    Leading {
        /// In this term.
        term: u32,
    },
    /// It waits for an answer, or for the leader to die.
    Waiting {
        /// The highest known term.
        term: u32,
    },
}

/// One daemon's part in the election.
#[derive(Clone, Debug)]
pub struct Election {
    settings: Settings,
    leads: bool,
    /// The highest known term; this daemon's own while it leads.
    term: u32,
    /// The leader of that term, if known.
    leader: Option<u64>,
    /// When anyone last heard it; before that, the start of the wait.
    heard: HostTime,
    /// Until when others are asked, at the start.
    asking: Option<HostTime>,
    /// When this daemon was last ready, and since when without interruption.
    ready: Option<HostTime>,
    ready_since: Option<HostTime>,
    /// Whether it has led, may have led in its last run, or was ready to: it knows a state of the show.
    knows: bool,
    /// Since when the leader has given up the lead.
    vacant: Option<HostTime>,
    /// The last turn, and until when messages from a pause before it may still arrive.
    turned: HostTime,
    drowsy: HostTime,
    /// The earliest time to lead again, after giving the lead away.
    given: Option<HostTime>,
    /// Other standbys, with the time they were last heard.
    others: Vec<(u64, HostTime)>,
    /// Since when every other daemon of the rig is there and none leads, while this one knows no state of the show.
    leaderless: Option<HostTime>,
    /// Whether every other daemon that it is told to stand by for is connected.
    complete: bool,
    why: &'static str,
}

impl Election {
    /// At the start.
    pub fn new(settings: Settings, now: HostTime) -> Self {
        Self {
            settings,
            leads: settings.begin == Begin::Alone,
            term: settings.term,
            leader: None,
            heard: now,
            asking: (settings.begin == Begin::Asking).then_some(now + ASKING),
            ready: None,
            ready_since: None,
            knows: settings.begin != Begin::Standby,
            vacant: None,
            turned: now,
            drowsy: now,
            given: None,
            others: Vec::new(),
            leaderless: None,
            complete: false,
            why: match settings.begin {
                Begin::Alone => "leads from the start",
                Begin::Asking => "asks who leads",
                Begin::Standby => "looks for the leader",
            },
        }
    }

    /// Another daemon was heard `at` a moment that may be slightly in the past.
    pub fn heard(&mut self, at: HostTime, run: u64, term: u32, leads: bool) {
        // Nobody could lead the next one.
        if term > plausible::TERM {
            return;
        }
        if run == self.settings.id {
            return;
        }
        self.others.retain(|(other, heard)| *other != run && at.since(*heard) < nanoseconds(PRESENT));
        if !leads {
            self.others.push((run, at));
            if self.leader == Some(run) && term >= self.term {
                (self.leader, self.vacant) = (None, Some(at));
            }
            self.learn(at, term);
            return;
        }
        let stronger = term > self.term || term == self.term && (!self.leads || run > self.settings.id);
        if !stronger {
            return;
        }
        if self.leads {
            self.stand_down(at, "another daemon leads a later term");
        } else if self.leader != Some(run) || self.term != term {
            self.why = "stands by";
        }
        (self.term, self.leader, self.vacant, self.asking) = (term, Some(run), None, None);
        self.heard = self.heard.max(at);
    }

    /// A client knows of a term.
    pub fn term(&mut self, now: HostTime, term: u32) {
        if term.saturating_sub(self.term) <= FURTHEST {
            self.learn(now, term);
        }
    }

    /// A client last heard rows of a term this long ago. It tells a leader of a later term.
    pub fn witness(&mut self, now: HostTime, term: u32, age: Duration) {
        self.term(now, term);
        if term == self.term && !self.leads && age < self.settings.detection {
            self.heard = self.heard.max(now.offset(-nanoseconds(age)));
        }
    }

    /// Sets whether this daemon is ready to take over.
    pub fn ready(&mut self, now: HostTime, ready: bool) {
        if ready {
            self.ready = Some(now);
            self.ready_since.get_or_insert(now);
            self.knows = true;
        } else {
            self.ready_since = None;
        }
    }

    /// Sets whether every other daemon that this one is told to stand by for is connected. Only then can it know that
    /// none leads.
    pub fn complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// What the operator should know: that nobody leads, and what to do. None while all is well.
    pub fn warning(&self, now: HostTime) -> Option<&'static str> {
        if self.leads || self.knows || self.leader.is_some() || self.asking.is_some() {
            return None;
        }
        if self.leaderless.is_some() {
            return Some("nobody leads: all daemons of this show stand by. One of them leads in a few seconds");
        }
        let grace = nanoseconds(FORLORN);
        (now.since(self.heard) >= grace).then_some(
            "nobody leads, and this daemon has not followed the show yet: it waits for a leader. To make it lead: \
             /lead/take, or downbeatctl command /lead/take",
        )
    }

    /// The operator wants this daemon to lead.
    pub fn take(&mut self, now: HostTime) {
        if !self.leads {
            self.lead(now, "the operator made it lead");
        }
    }

    /// The operator wants another daemon to lead. Returns false, and does nothing, if no standby is waiting.
    pub fn give(&mut self, now: HostTime) -> bool {
        let present = nanoseconds(PRESENT.max(self.settings.detection));
        let taker = self.others.iter().any(|(_, at)| now.since(*at) < present);
        let given = self.leads && taker;
        if given {
            self.given = Some(now + GIVEN);
            self.stand_down(now, "handed the lead over");
        }
        given
    }

    /// Advances to a moment. Returns this daemon's standing.
    pub fn tick(&mut self, now: HostTime) -> Standing {
        // A machine that stood still has not heard the others, which says nothing about them.
        let before = std::mem::replace(&mut self.turned, now);
        if now.since(before) > nanoseconds(self.settings.detection / 3) {
            self.drowsy = now + self.settings.detection / 2;
        }
        self.watch_for_others(now);
        if !self.leads
            && self.given.is_none_or(|until| now >= until)
            && let Some(why) = self.may_lead(now)
        {
            self.lead(now, why);
        }
        if self.leads { Standing::Leading { term: self.term } } else { Standing::Waiting { term: self.term } }
    }

    /// Whether to ask clients if they hear the leader.
    pub fn wonders(&self, now: HostTime) -> bool {
        !self.leads && self.asking.is_none() && self.silence(now) > self.settings.detection / 3
    }

    /// The highest known term.
    pub fn highest_term(&self) -> u32 {
        self.term
    }

    /// This daemon's standing and the reason, for the operator.
    pub fn words(&self) -> String {
        let standing = if self.leads { "leads" } else { "stands by" };
        if self.why == "leads from the start" {
            standing.into()
        } else {
            format!("{standing} (term {}): {}", self.term, self.why)
        }
    }

    fn may_lead(&self, now: HostTime) -> Option<&'static str> {
        let detection = self.settings.detection;
        if now < self.drowsy {
            return None;
        }
        if let Some(until) = self.asking {
            return (now >= until).then_some("no other daemon leads");
        }
        let present = |at: HostTime| now.since(at) < nanoseconds(PRESENT);
        let before = self.others.iter().filter(|(run, at)| *run > self.settings.id && present(*at));
        let rank = before.count() as u32;
        let late = 1.0 + STAGGER * f64::from(rank);
        // It was ready when the leader was last heard, or later.
        let was_ready = self.ready.is_some_and(|ready| ready + detection.max(GRACE) >= self.heard);
        if let Some(since) = self.leaderless {
            let late = if self.settings.preferred { 0.5 } else { 1.0 } + 0.2 * f64::from(rank);
            // Whoever has seen a later term may know a later state.
            let late = late + if self.term > self.settings.term { 0.5 } else { 0.0 };
            let over = now.since(since) >= nanoseconds(COLD.mul_f64(late));
            return over.then_some("all stood by, and nobody led");
        }
        if !was_ready {
            let forlorn = FORLORN.max(detection * 10).mul_f64(late);
            return (self.knows && self.silence(now) >= forlorn).then_some("nobody else leads");
        }
        if self.vacant.is_some_and(|since| now >= since + TURN * rank) {
            return Some("the leader handed the lead over");
        }
        if self.silence(now) >= detection.mul_f64(late) {
            return Some("the leader is gone");
        }
        let settled = self.ready_since.is_some_and(|since| now.since(since) >= nanoseconds(SETTLED));
        (self.settings.preferred && settled).then_some("it is preferred, and ready again")
    }

    /// Daemons that only stand by for each other wait for a leader that none of them is.
    fn watch_for_others(&mut self, now: HostTime) {
        let is_with_others = self.others.iter().any(|(_, at)| now.since(*at) < nanoseconds(PRESENT));
        let is_leaderless = !self.leads
            && !self.knows
            && self.leader.is_none()
            && self.complete
            && is_with_others
            && now >= self.drowsy;
        self.leaderless = is_leaderless.then(|| self.leaderless.unwrap_or(now));
    }

    fn silence(&self, now: HostTime) -> Duration {
        Duration::from_nanos(u64::try_from(now.since(self.heard)).unwrap_or(0))
    }

    fn lead(&mut self, now: HostTime, why: &'static str) {
        // The very first leader does not start a new term.
        let first = self.asking.is_some() && self.term == self.settings.term;
        self.term = if first { self.term } else { self.term.saturating_add(1) };
        (self.leads, self.leader, self.asking, self.vacant, self.given) = (true, None, None, None, None);
        self.knows = true;
        (self.heard, self.why) = (now, why);
    }

    fn learn(&mut self, now: HostTime, term: u32) {
        if term > self.term {
            self.term = term;
            if self.leads {
                self.stand_down(now, "heard of a later term");
            }
        }
    }

    fn stand_down(&mut self, now: HostTime, why: &'static str) {
        (self.leads, self.leader, self.heard, self.why) = (false, None, now, why);
        // A former leader is ready.
        self.ready = Some(now);
        self.ready_since = None;
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
