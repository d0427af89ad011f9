//! The word that a peer must echo to show that it receives. Pure.

use downbeat_protocol::HostTime;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;

/// How long a word is the same. That of the period before is valid, too.
const PERIOD_NS: i64 = 300_000_000_000;

/// The secret behind the words. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Greeting(RandomState);

impl Greeting {
    /// A text that only this peer can echo, and only for a while.
    pub fn word(&self, peer: SocketAddr, now: HostTime) -> String {
        self.of(peer, now.0 / PERIOD_NS)
    }

    /// Whether a peer has echoed its word.
    pub fn is_word(&self, word: &str, peer: SocketAddr, now: HostTime) -> bool {
        let period = now.0 / PERIOD_NS;
        [period, period - 1].into_iter().any(|period| word == self.of(peer, period))
    }

    fn of(&self, peer: SocketAddr, period: i64) -> String {
        format!("{:016x}", self.0.hash_one((peer, period)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_peers_and_for_a_while() {
        let (greeting, [one, other]) =
            (Greeting::default(), [1, 2].map(|port| SocketAddr::from(([192, 0, 2, 7], port))));
        let word = greeting.word(one, HostTime(0));
        let is_word = |peer, seconds: i64| greeting.is_word(&word, peer, HostTime(seconds * 1_000_000_000));
        assert!(is_word(one, 0) && is_word(one, 599));
        assert!(!is_word(other, 0) && !is_word(one, 600));
        assert_ne!(word, Greeting::default().word(one, HostTime(0)), "another run has another secret");
    }
}
