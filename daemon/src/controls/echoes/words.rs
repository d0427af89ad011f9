//! Who has lately set what: between a word and the telling of it, what was told before is out of date. Pure.
//!
//! A button that is pressed and released in one packet sends a value that was told last and is over by then.

use super::Sender;
use downbeat_protocol::echo::ECHO_NS;
use downbeat_protocol::{Action, HostTime};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// Maximum of things set, and of those who set one of them.
const THINGS: usize = 1_024;
const SENDERS: usize = 16;
/// How long a telling may still be of the state before a word: a hop, and the telling of it.
const BEHIND_NS: i64 = 50_000_000;

/// What an action sets; see [`Action::sets`].
type Thing = (&'static str, String);

/// The words of strangers, and of those who are known to receive, so that nobody's word is displaced by forged ones.
#[derive(Debug, Default)]
pub struct Words([HashMap<Thing, VecDeque<Word>>; 2]);

#[derive(Debug)]
struct Word {
    by: SocketAddr,
    what: Action,
    at: HostTime,
}

impl Words {
    /// Notes what a sender sets.
    pub fn note(&mut self, what: &Action, from: Sender, now: HostTime) {
        let Some(thing) = thing(what) else { return };
        let words = &mut self.0[usize::from(from.is_known)];
        if words.len() >= THINGS && !words.contains_key(&thing) {
            words.retain(|_, words| words.back().is_some_and(|word| now.since(word.at) <= ECHO_NS));
            if words.len() >= THINGS {
                return;
            }
        }
        let words = words.entry(thing).or_default();
        words.retain(|word| word.by != from.peer && now.since(word.at) <= ECHO_NS);
        if words.len() >= SENDERS {
            words.pop_front();
        }
        words.push_back(Word { by: from.peer, what: what.clone(), at: now });
    }

    /// Whether a sender has set the same thing to something else since a moment when it was told.
    pub fn is_after(&self, what: &Action, from: Sender, told: HostTime) -> bool {
        let words = thing(what).and_then(|thing| self.0[usize::from(from.is_known)].get(&thing));
        let own = words.and_then(|words| words.iter().find(|word| word.by == from.peer));
        own.is_some_and(|word| word.what != *what && told.since(word.at) <= BEHIND_NS)
    }
}

fn thing(what: &Action) -> Option<Thing> {
    what.sets().map(|(kind, name)| (kind, name.to_owned()))
}
