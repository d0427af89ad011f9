//! How often a host may ask for what costs much to answer: a list is made from the whole tree, and every value is as many
//! packets as the tree has addresses. Pure.

use crate::edges::allowance::Allowance;
use downbeat_protocol::HostTime;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

/// Answers for a host at once and per second: a surface asks for a few lists when it is built, and for all values when it
/// wakes up.
const ANSWERS: (f64, f64) = (8.0, 2.0);
/// Maximum of hosts that are counted: more than have places.
const HOSTS: usize = 64;
/// Maximum of peers that wait for every value: more than have places.
const WAITING: usize = 128;

/// Why a list is refused.
pub const TOO_OFTEN: &str = "/list: too many lists at once; ask again in a second";

/// What the hosts have asked for.
#[derive(Debug, Default)]
pub struct Requests {
    hosts: BTreeMap<IpAddr, Host>,
    /// Peers that get every value as soon as their host may ask again: once, however often they have asked.
    waiting: BTreeSet<SocketAddr>,
    refused: u64,
}

#[derive(Debug)]
struct Host {
    allowance: Allowance,
    asked: HostTime,
    /// Whether its last request was refused: it is told once.
    is_told: bool,
}

/// What becomes of a request for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered.
    Granted,
    /// It is counted, and the peer is told why.
    Refused,
    /// It is counted only: the peer knows.
    RefusedAgain,
}

impl Requests {
    /// A peer asks for a list.
    pub fn list(&mut self, peer: SocketAddr, now: HostTime) -> Verdict {
        let host = self.host(peer, now);
        if host.allowance.take(now) {
            host.is_told = false;
            return Verdict::Granted;
        }
        let was_told = std::mem::replace(&mut host.is_told, true);
        self.refused += 1;
        if was_told { Verdict::RefusedAgain } else { Verdict::Refused }
    }

    /// A peer asks for every value. Returns whether it gets them at once; otherwise it does [later](Self::due).
    pub fn sync(&mut self, peer: SocketAddr, now: HostTime) -> bool {
        let is_granted = !self.waiting.contains(&peer) && self.host(peer, now).allowance.take(now);
        if !is_granted && self.waiting.len() < WAITING {
            self.waiting.insert(peer);
        }
        is_granted
    }

    /// The peers that have waited long enough for every value.
    pub fn due(&mut self, now: HostTime) -> Vec<SocketAddr> {
        let waiting: Vec<SocketAddr> = self.waiting.iter().copied().collect();
        let due: Vec<SocketAddr> =
            waiting.into_iter().filter(|peer| self.host(*peer, now).allowance.take(now)).collect();
        due.iter().for_each(|peer| _ = self.waiting.remove(peer));
        due
    }

    /// The number of lists refused since the last call.
    pub fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    fn host(&mut self, peer: SocketAddr, now: HostTime) -> &mut Host {
        let ip = peer.ip().to_canonical();
        if self.hosts.len() >= HOSTS
            && !self.hosts.contains_key(&ip)
            && let Some(oldest) = self.hosts.iter().min_by_key(|(_, host)| host.asked).map(|(ip, _)| *ip)
        {
            self.hosts.remove(&oldest);
        }
        let host = self.hosts.entry(ip).or_insert_with(|| Host {
            allowance: Allowance::new(ANSWERS.0, ANSWERS.1, now),
            asked: now,
            is_told: false,
        });
        host.asked = now;
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], port))
    }

    #[test]
    fn a_host_that_asks_without_end_is_told_once_and_takes_nothing_from_others() {
        let mut requests = Requests::default();
        let verdicts: Vec<Verdict> = (0..1_000).map(|port| requests.list(peer(66, port), HostTime::ZERO)).collect();
        let count = |wanted| verdicts.iter().filter(|it| **it == wanted).count();
        assert_eq!((count(Verdict::Granted), count(Verdict::Refused)), (8, 1));
        assert_eq!((requests.take_refused(), requests.take_refused()), (992, 0));
        assert_eq!(requests.list(peer(7, 1), HostTime::ZERO), Verdict::Granted);
        let later = HostTime::from_secs_f64(1.0);
        let verdicts = [1, 2, 3, 4].map(|port| requests.list(peer(66, port), later));
        assert_eq!(verdicts, [Verdict::Granted, Verdict::Granted, Verdict::Refused, Verdict::RefusedAgain]);
    }

    #[test]
    fn who_asks_for_every_value_too_often_gets_them_once_more_a_little_later() {
        let mut requests = Requests::default();
        let granted = (0..1_000).filter(|_| requests.sync(peer(66, 1), HostTime::ZERO)).count();
        assert_eq!(granted, 8);
        assert!(requests.due(HostTime::ZERO).is_empty());
        assert_eq!(requests.due(HostTime::from_secs_f64(0.5)), [peer(66, 1)]);
        assert!(requests.due(HostTime::from_secs_f64(60.0)).is_empty());
    }

    #[test]
    fn the_memory_of_hosts_is_bounded() {
        let mut requests = Requests::default();
        for number in 0..10_000_u32 {
            let peer = SocketAddr::from((number.to_be_bytes(), 1));
            requests.list(peer, HostTime(i64::from(number)));
            (0..9).for_each(|_| _ = requests.sync(peer, HostTime(i64::from(number))));
        }
        assert!(requests.hosts.len() <= HOSTS && requests.waiting.len() <= WAITING);
    }
}
