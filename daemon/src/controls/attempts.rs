//! What peers have tried to set, so that they learn how it is where that changed nothing. Pure.
//!
//! A command may be refused, dropped, or taken for an echo. Then nothing changes, and nobody is told anything: the surface
//! that sent it would go on showing what the show does not do. So once it rests, it is told the value as it is, unless it
//! sent just that. What it answers may be another attempt, so it is told at most once a second of each address, and ever
//! less often while that goes on. The lamps of cues and rules are left out: one that comes back would fire them.

use downbeat_protocol::echo::matches;
use downbeat_protocol::tree::{Access, Kind, Node, Present, parse};
use downbeat_protocol::{Action, HostTime, Value};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// A fader that has not moved for this long rests. Longer than a standby needs to hear of a change from its leader.
const REST: Duration = Duration::from_millis(250);
/// Shortest interval between two answers to a peer about one address. It doubles with each, so many times at most.
const EVERY: Duration = Duration::from_secs(1);
const DOUBLED: u32 = 3;
/// Maximum of addresses of one peer, and of all. Beyond that a peer learns the truth with the next change.
const OF_PEER: usize = 64;
const MOST: usize = 1_024;
/// The longest text that is compared, in bytes: longer ones are definitions, which are refused with a reason.
const LONGEST: usize = 256;

/// The latest attempts, by peer and address.
#[derive(Debug, Default)]
pub struct Attempts(BTreeMap<(SocketAddr, String), Attempt>);

#[derive(Debug)]
struct Attempt {
    node: Node,
    /// What was sent last.
    sent: Value,
    /// When to look what came of it; none once that has been told.
    due: Option<HostTime>,
    /// How often the peer was answered lately, and when it may be again.
    answers: u32,
    free: HostTime,
}

impl Attempts {
    /// A peer has tried to set something.
    pub fn note(&mut self, peer: SocketAddr, node: &Node, sent: &Value, now: HostTime) {
        let is_long = matches!(sent, Value::Text(text) if text.len() > LONGEST);
        if node.access() != Access::ReadWrite || is_long || (node.entry.kind == Kind::Trigger && !is_choice(node)) {
            return;
        }
        let place = (peer, node.address.clone());
        if let Some(known) = self.0.get_mut(&place) {
            (known.sent, known.due) = (sent.clone(), Some(known.free.max(now + REST)));
            return;
        }
        let of_peer = self.0.range((peer, String::new())..).take_while(|((of, _), _)| *of == peer).count();
        if of_peer < OF_PEER && self.0.len() < MOST {
            let (node, sent, due) = (node.clone(), sent.clone(), Some(now + REST));
            self.0.insert(place, Attempt { node, sent, due, answers: 0, free: now });
        }
    }

    /// A peer is told a value anyway.
    pub fn told(&mut self, peer: SocketAddr, address: &str) {
        if !self.0.is_empty()
            && let Some(attempt) = self.0.get_mut(&(peer, address.to_owned()))
        {
            attempt.due = None;
        }
    }

    /// The present value for each peer that has tried to set another, and rests.
    pub fn take(&mut self, now: HostTime, present: &Present<'_>) -> Vec<(SocketAddr, String, Value)> {
        let mut answers = Vec::new();
        self.0.retain(|(peer, address), attempt| {
            if attempt.due.is_some_and(|due| due <= now) {
                attempt.due = None;
                let truth = attempt.node.read(present).into_iter().next();
                if let Some(truth) = truth.filter(|truth| !is_alike(&attempt.node, &attempt.sent, truth)) {
                    attempt.free = now + EVERY * (1 << attempt.answers.min(DOUBLED));
                    attempt.answers += 1;
                    answers.push((*peer, address.clone(), truth));
                }
            }
            attempt.due.is_some() || now < attempt.free
        });
        answers
    }

    /// A peer has left.
    pub fn forget(&mut self, peer: SocketAddr) {
        self.0.retain(|(of, _), _| *of != peer);
    }

    /// When [`take`](Self::take) is next needed.
    pub fn wake_at(&self) -> Option<HostTime> {
        self.0.values().filter_map(|attempt| attempt.due).min()
    }
}

/// Whether a button chooses something: then its lamp chooses what is chosen already.
fn is_choice(node: &Node) -> bool {
    matches!(parse(&node.address, Some(&true.into())), Ok(Some(Action::Scene { .. } | Action::Auto { .. })))
}

/// Whether a peer that sent this shows the truth: exactly, or as exactly as it can.
fn is_alike(node: &Node, sent: &Value, truth: &Value) -> bool {
    match node.entry.kind {
        Kind::Number(range, _) => match (sent.number(), truth.number()) {
            (Some(sent), Some(truth)) => matches(sent, truth, node.range.unwrap_or(range)).is_some(),
            _ => false,
        },
        Kind::Switch | Kind::Trigger => sent.switch() == truth.switch(),
        Kind::Choice(_) | Kind::Scene | Kind::Text => sent.to_string() == truth.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Row, Schema, ShowState, ShowTime, Status, Timeline, Tree};

    const OPACITY: &str = "/layer/back/opacity";

    struct Rig {
        attempts: Attempts,
        state: ShowState,
    }

    impl Rig {
        fn new() -> Self {
            let (name, scene, scenes) = ("back".into(), "echo".into(), vec!["echo".into()]);
            let layer = Layer { name, scene, scenes, opacity: 0.432_187, ..Layer::default() };
            let mut state = ShowState { layers: vec![layer], ..ShowState::default() };
            state.cues.insert("flash".into(), Default::default());
            Self { attempts: Attempts::default(), state }
        }

        fn sends(&mut self, ms: i64, address: &str, value: impl Into<Value>) {
            let tree = Tree::new(&self.state, &Schema::default(), &Status::default());
            self.attempts.note(peer(), tree.find(address).expect("an address"), &value.into(), at(ms));
        }

        fn told(&mut self, ms: i64) -> Vec<(String, Value)> {
            let (row, timeline, status) = (Row::default(), Timeline::default(), Status::default());
            let now = ShowTime::ZERO;
            let present = Present { state: &self.state, row: &row, timeline: &timeline, now, status: &status };
            let answers = self.attempts.take(at(ms), &present);
            answers.into_iter().map(|(_, address, value)| (address, value)).collect()
        }
    }

    fn peer() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], 1))
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn whoever_tried_in_vain_learns_how_it_is_once_the_fader_rests() {
        let mut rig = Rig::new();
        for (ms, value) in [(0, 0.8), (200, 0.9)] {
            rig.sends(ms, OPACITY, value);
        }
        rig.sends(200, "/show/blackout", true);
        assert_eq!((rig.told(449), rig.attempts.wake_at()), (vec![], Some(at(450))));
        let opacity = f64::from(0.432_187_f32);
        assert_eq!(rig.told(450), [(OPACITY.into(), opacity.into()), ("/show/blackout".into(), false.into())]);
        assert_eq!((rig.told(2_000), rig.attempts.wake_at()), (vec![], None));
    }

    #[test]
    fn whoever_shows_the_truth_or_was_told_it_meanwhile_is_told_nothing() {
        let mut rig = Rig::new();
        rig.sends(0, "/show/blackout", false);
        // Rounded to 7 bits, as an old surface does.
        rig.sends(0, OPACITY, 55.0 / 127.0);
        assert_eq!(rig.told(300), []);
        rig.sends(300, "/show/blackout", true);
        rig.attempts.told(peer(), "/show/blackout");
        assert_eq!(rig.told(600), []);
        // The finger leaves the button of the scene that is chosen; its lamp stays on. That of a cue is no button's.
        rig.sends(600, "/layer/back/scene/echo", 0.0);
        rig.sends(600, "/cue/flash/fire", 1.0);
        assert_eq!(rig.told(900), [("/layer/back/scene/echo".into(), true.into())]);
    }

    #[test]
    fn one_that_answers_every_answer_gets_fewer_and_fewer_and_a_flood_has_an_end() {
        let mut rig = Rig::new();
        let mut answers = 0;
        for ms in (0..60_000).step_by(10) {
            answers += rig.told(ms).len();
            if ms % 300 == 0 {
                rig.sends(ms, OPACITY, 0.9);
            }
        }
        // At once, after 1, 2, 4 and 8 seconds, and so on.
        assert!((9..=11).contains(&answers), "{answers}");
        let tree = Tree::new(&rig.state, &Schema::default(), &Status::default());
        let node = tree.find(OPACITY).expect("an address");
        for number in 0..1_000 {
            let node = Node { address: format!("/{number}"), ..node.clone() };
            rig.attempts.note(peer(), &node, &0.5.into(), at(0));
        }
        assert!(rig.attempts.0.len() <= OF_PEER, "{}", rig.attempts.0.len());
        rig.attempts.forget(peer());
        assert_eq!(rig.attempts.wake_at(), None);
    }
}
