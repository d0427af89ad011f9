//! The standing of this daemon in its show: leader or standby.

use downbeat_protocol::message::Daemon;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum of remembered daemons: a show has one leader and a standby or two.
const MOST_PARTNERS: usize = 8;

/// This daemon's current standing in its show. Clones share it; reading never waits.
#[derive(Clone, Debug)]
pub struct Leadership(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    run: u64,
    epoch: AtomicU64,
    /// Twice the term, plus one for the leader: both change in one step.
    standing: AtomicU64,
    /// Where other daemons of this show serve clients, if known.
    partners: Mutex<Vec<String>>,
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
        self.0.partners.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds another daemon of this show. True if it was unknown.
    pub fn add_partner(&self, server: &str) -> bool {
        let mut partners = self.0.partners.lock().unwrap_or_else(PoisonError::into_inner);
        let news = partners.len() < MOST_PARTNERS && !partners.iter().any(|known| known == server);
        if news {
            partners.push(server.into());
        }
        news
    }

    /// The run of this daemon.
    pub fn run(&self) -> u64 {
        self.0.run
    }

    /// The statement to others, with the port for clients.
    pub fn now(&self, port: u16) -> Daemon {
        let standing = self.0.standing.load(Relaxed);
        Daemon { run: self.0.run, term: (standing >> 1) as u32, leads: standing & 1 == 1, port }
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
        assert_eq!(leadership.now(7), Daemon { run: 9, term: u32::MAX, leads: false, port: 7 });
        leadership.set(3, true);
        assert_eq!((leadership.now(0).term, leadership.leads()), (3, true));
    }
}
