//! The standing of this daemon in its show: leader or standby.

use downbeat_protocol::HostTime;
use downbeat_protocol::message::Daemon;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum of daemons remembered besides the named ones: a show has one leader and a standby or two.
const MOST_MET: usize = 8;
/// How long an address of a daemon may be out of reach before another one takes its place: connecting takes a while, and
/// all connections are made anew when a daemon is met.
const AWAY: Duration = Duration::from_secs(10);

/// This daemon's current standing in its show. Clones share it; reading never waits.
#[derive(Clone, Debug)]
pub struct Leadership(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    run: u64,
    epoch: AtomicU64,
    /// Twice the term, plus one for the leader: both change in one step.
    standing: AtomicU64,
    /// The other daemons of this show: named ones, then those met, in the order in which they were last met.
    partners: Mutex<Vec<Partner>>,
}

/// Another daemon of this show.
#[derive(Debug)]
struct Partner {
    /// Where it serves clients, `host:port`.
    server: String,
    /// Whether the configuration names it. Any other was met once, and may never come back.
    is_named: bool,
    /// Its run, if it was met in this one.
    run: Option<u64>,
    /// When it was last met, or connected while another was met.
    there: HostTime,
}

impl Leadership {
    /// A daemon that leads the show of an epoch in a term, or stands by.
    pub fn new(run: u64, epoch: u64, term: u32, leads: bool) -> Self {
        let shared = Shared {
            run,
            epoch: AtomicU64::new(epoch),
            standing: AtomicU64::new(pack(term, leads)),
            partners: Mutex::default(),
        };
        Self(Arc::new(shared))
    }

    /// The only daemon of its show.
    pub fn alone(epoch: u64) -> Self {
        Self::new(0, epoch, 0, true)
    }

    /// Sets the standing.
    pub fn set(&self, term: u32, leads: bool) {
        self.0.standing.store(pack(term, leads), Relaxed);
    }

    /// The show: a standby adopts the leader's.
    pub fn join(&self, epoch: u64) {
        self.0.epoch.store(epoch, Relaxed);
    }

    /// Tells a new show from a restarted daemon.
    pub fn epoch(&self) -> u64 {
        self.0.epoch.load(Relaxed)
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.0.standing.load(Relaxed) & 1 == 1
    }

    /// Where other daemons of this show serve clients, `host:port`.
    pub fn partners(&self) -> Vec<String> {
        self.lock().iter().map(|partner| partner.server.clone()).collect()
    }

    /// Those that the configuration names.
    pub fn named(&self) -> Vec<String> {
        self.lock().iter().filter(|partner| partner.is_named).map(|partner| partner.server.clone()).collect()
    }

    /// The daemons that the configuration names, and those met in earlier runs, the oldest first. At the start.
    pub fn remember(&self, named: &[String], met: &[String]) {
        let named = named.iter().map(|server| (server, true));
        let mut partners = self.lock();
        for (server, is_named) in named.chain(met.iter().map(|server| (server, false))) {
            if !partners.iter().any(|known| known.server == *server) {
                partners.push(Partner { server: server.clone(), is_named, run: None, there: HostTime::ZERO });
            }
        }
    }

    /// A daemon of this show, in a run of its own, serves clients at an address. True if that is news. It replaces where
    /// that daemon was before, or the one not met for longest if there are too many: `reaches` tells which are connected.
    pub fn meet(&self, server: &str, run: u64, now: HostTime, reaches: impl Fn(&str) -> bool) -> bool {
        let mut partners = self.lock();
        if let Some(place) = partners.iter().position(|known| known.server == server) {
            (partners[place].run, partners[place].there) = (Some(run), now);
            if !partners[place].is_named {
                let last = partners.remove(place);
                partners.push(last);
            }
            return false;
        }
        partners.iter_mut().filter(|known| reaches(&known.server)).for_each(|known| known.there = now);
        // Where it was before, unless that is a second way to it.
        partners.retain(|known| known.is_named || known.run != Some(run) || now < known.there + AWAY);
        while partners.iter().filter(|known| !known.is_named).count() >= MOST_MET {
            let is_away = |known: &Partner| !known.is_named && !reaches(&known.server);
            let oldest = partners.iter().position(is_away).or(partners.iter().position(|known| !known.is_named));
            oldest.map(|oldest| partners.remove(oldest));
        }
        partners.push(Partner { server: server.into(), is_named: false, run: Some(run), there: now });
        true
    }

    /// The run of this daemon.
    pub fn run(&self) -> u64 {
        self.0.run
    }

    /// The statement to others, with the port for clients. Only a server knows how early it tells the beat.
    pub fn now(&self, port: u16) -> Daemon {
        let standing = self.0.standing.load(Relaxed);
        Daemon { run: self.0.run, term: (standing >> 1) as u32, leads: standing & 1 == 1, port, early_ns: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Partner>> {
        self.0.partners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pack(term: u32, leads: bool) -> u64 {
    u64::from(term) << 1 | u64::from(leads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_tells_its_term_and_whether_it_leads() {
        let leadership = Leadership::new(9, 1, u32::MAX, false);
        assert_eq!(leadership.now(7), Daemon { run: 9, term: u32::MAX, leads: false, port: 7, early_ns: 0 });
        leadership.set(3, true);
        assert_eq!((leadership.now(0).term, leadership.leads()), (3, true));
    }

    fn at(second: u64) -> HostTime {
        HostTime::ZERO + Duration::from_secs(second)
    }

    fn with(named: &[&str], met: &[&str]) -> Leadership {
        let leadership = Leadership::new(9, 1, 0, false);
        let [named, met] = [named, met].map(|all| all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>());
        leadership.remember(&named, &met);
        leadership
    }

    #[test]
    fn a_daemon_at_a_new_address_takes_the_place_of_its_old_one() {
        let leadership = with(&["booth:9440"], &[]);
        assert!(leadership.meet("10.0.0.2:9440", 5, at(0), |_| false));
        assert!(!leadership.meet("10.0.0.2:9440", 5, at(1), |_| true), "no news");
        assert!(leadership.meet("10.0.0.77:9440", 5, at(60), |_| false), "by DHCP");
        assert_eq!(leadership.partners(), ["booth:9440", "10.0.0.77:9440"]);
        // Two network cards: both ways count.
        assert!(leadership.meet("192.168.0.2:9440", 5, at(120), |server| server == "10.0.0.77:9440"));
        assert_eq!(leadership.partners(), ["booth:9440", "10.0.0.77:9440", "192.168.0.2:9440"]);
        assert_eq!(leadership.named(), ["booth:9440"]);
    }

    #[test]
    fn a_daemon_that_comes_by_several_cards_at_once_is_remembered_at_each() {
        let leadership = with(&[], &[]);
        assert!(leadership.meet("10.0.0.2:9440", 5, at(100), |_| false));
        assert!(leadership.meet("192.168.0.2:9440", 5, at(100), |_| false), "the first is being connected");
        assert_eq!(leadership.partners(), ["10.0.0.2:9440", "192.168.0.2:9440"]);
        // Two more, the second while all connections are made anew.
        assert!(leadership.meet("172.16.0.2:9440", 5, at(200), |_| true));
        assert!(leadership.meet("172.16.1.2:9440", 5, at(201), |_| false));
        assert_eq!(leadership.partners().len(), 4);
        assert!(leadership.meet("10.0.0.77:9440", 5, at(260), |server| server.starts_with("192.168")));
        assert_eq!(leadership.partners(), ["192.168.0.2:9440", "10.0.0.77:9440"]);
    }

    #[test]
    fn a_new_daemon_finds_a_place_however_many_were_met_before() {
        let named: Vec<String> = (0..MOST_MET).map(|number| format!("named-{number}:1")).collect();
        let met: Vec<String> = (0..MOST_MET).map(|number| format!("met-{number}:1")).collect();
        let leadership = Leadership::new(9, 1, 0, false);
        leadership.remember(&named, &met);
        // The oldest is met again, and the next one is connected.
        assert!(!leadership.meet("met-0:1", 7, at(0), |_| true));
        assert!(leadership.meet("spare:1", 8, at(0), |server| server == "met-1:1"));
        let partners = leadership.partners();
        assert!(
            ["spare:1", "met-0:1", "met-1:1"].iter().all(|it| partners.contains(&(*it).to_owned())),
            "{partners:?}"
        );
        assert!(!partners.contains(&"met-2:1".to_owned()), "{partners:?}");
        assert_eq!((partners.len(), leadership.named()), (2 * MOST_MET, named));
    }
}
