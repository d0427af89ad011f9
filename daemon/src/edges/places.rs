//! Places for connections, shared fairly: no machine takes one that another needs, and no crowd keeps the rig out.
//!
//! When all are taken, the newest of the host that has most makes room for one of a host that has fewer. What belongs to
//! the rig, and who has commanded something lately, stays.

use super::kin::Kin;
use downbeat_protocol::HostTime;
use downbeat_protocol::network::network;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long one that has commanded something keeps its place.
const PLAYS: Duration = Duration::from_secs(60);

/// How many places there are.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For everyone.
    pub all: usize,
    /// Further ones for the rig.
    pub for_kin: usize,
    /// Further ones for programs of this machine.
    pub at_home: usize,
    /// Of those, of one host. This machine's own programs are not limited.
    pub of_host: usize,
    /// Silence after which one makes room for any other host.
    pub silence: Option<Duration>,
}

/// Who wants a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Anyone.
    Stranger,
    /// One of the rig: named, of a trusted network, or at an address from which a paired machine has come.
    Kin,
    /// A program of this machine.
    Home,
}

/// The places. Clones share them.
#[derive(Clone, Debug)]
pub struct Places {
    limits: Limits,
    kin: Kin,
    inner: Arc<Mutex<Inner>>,
}

/// A connection's place. Dropping this frees it.
#[derive(Debug)]
pub struct Place {
    number: u64,
    of: Places,
}

#[derive(Debug, Default)]
struct Inner {
    /// By number, which is their order.
    taken: BTreeMap<u64, Taken>,
    next: u64,
}

struct Taken {
    address: IpAddr,
    standing: Standing,
    heard: HostTime,
    commanded: Option<HostTime>,
    leave: Box<dyn FnOnce() + Send>,
}

impl Standing {
    /// That of an address.
    pub fn of(address: IpAddr, is_trusted: bool) -> Self {
        match address.to_canonical().is_loopback() {
            true => Self::Home,
            false if is_trusted => Self::Kin,
            false => Self::Stranger,
        }
    }
}

impl Places {
    /// All free. `kin` are the addresses of the rig.
    pub fn new(limits: Limits, kin: Kin) -> Self {
        Self { limits, kin, inner: Arc::default() }
    }

    /// A place for one more; none if there is none for it. `leave` ends it when it has to make room for another.
    pub fn enter(
        &self,
        address: IpAddr,
        standing: Standing,
        now: HostTime,
        leave: impl FnOnce() + Send + 'static,
    ) -> Option<Place> {
        let address = address.to_canonical();
        let mut new = Taken { address, standing, heard: now, commanded: None, leave: Box::new(leave) };
        new.learn(&self.kin);
        let mut inner = self.lock();
        inner.taken.values_mut().for_each(|taken| taken.learn(&self.kin));
        let leaves = match inner.room(&new, self.limits, now) {
            Room::Free => None,
            Room::Of(number) => inner.taken.remove(&number),
            Room::None => return None,
        };
        let number = inner.next;
        inner.next += 1;
        inner.taken.insert(number, new);
        drop(inner);
        if let Some(leaves) = leaves {
            (leaves.leave)();
        }
        Some(Place { number, of: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Its connection has sent something; whether that was a command.
    pub fn hear(&self, is_command: bool, now: HostTime) {
        if let Some(taken) = self.of.lock().taken.get_mut(&self.number) {
            taken.heard = now;
            taken.commanded = if is_command { Some(now) } else { taken.commanded };
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What it held is let go of without the lock.
        let _left = self.of.lock().taken.remove(&self.number);
    }
}

/// Where there is room.
enum Room {
    Free,
    /// In the place of this one.
    Of(u64),
    None,
}

impl Inner {
    fn room(&self, new: &Taken, limits: Limits, now: HostTime) -> Room {
        let more = [0, limits.for_kin, limits.for_kin + limits.at_home];
        let all = limits.all + more[new.standing as usize];
        let of_host = self.taken.values().filter(|taken| taken.host() == new.host()).count();
        let leaves = if of_host >= limits.of_host && new.standing != Standing::Home {
            // The machines of one network.
            self.of_the_fullest(new, now, |taken| (taken.host() == new.host()).then_some(taken.address))
        } else if self.taken.len() >= all {
            self.of_the_fullest(new, now, |taken| Some(taken.host())).or_else(|| self.silent(new, limits, now))
        } else {
            return Room::Free;
        };
        leaves.map_or(Room::None, Room::Of)
    }

    /// The newest place of whoever has most, by what a place counts for; none if that is hardly more than the new one has.
    /// One of the rig needs not have fewer, and may take the place of one that has commanded lately.
    fn of_the_fullest(&self, new: &Taken, now: HostTime, whose: impl Fn(&Taken) -> Option<IpAddr>) -> Option<u64> {
        let is_kin = new.standing > Standing::Stranger;
        let mut counts = HashMap::new();
        let strangers = || self.taken.iter().filter(|(_, taken)| taken.standing == Standing::Stranger);
        strangers().filter_map(|(_, taken)| whose(taken)).for_each(|it| *counts.entry(it).or_insert(0) += 1);
        let own = whose(new).and_then(|own| counts.get(&own)).copied().unwrap_or(0);
        let count = |taken: &Taken| whose(taken).and_then(|it| counts.get(&it)).copied().unwrap_or(0);
        let may_leave = strangers()
            .filter(|(_, taken)| if is_kin { count(taken) > 0 } else { count(taken) > own + 1 && !taken.plays(now) });
        may_leave.min_by_key(|(number, taken)| (taken.plays(now), Reverse((count(taken), **number)))).map(|it| *it.0)
    }

    /// The one of another host that has been silent for longest, if that is long.
    fn silent(&self, new: &Taken, limits: Limits, now: HostTime) -> Option<u64> {
        let silence = limits.silence?;
        let others = self.taken.iter().filter(|(_, taken)| {
            taken.standing == Standing::Stranger && taken.host() != new.host() && !taken.plays(now)
        });
        let silent = others.min_by_key(|(_, taken)| taken.heard);
        silent.filter(|(_, taken)| now >= taken.heard + silence).map(|(number, _)| *number)
    }
}

impl Taken {
    /// What shares the places of one host: its network, of which a machine may use many addresses; in the rig, its address.
    fn host(&self) -> IpAddr {
        if self.standing == Standing::Stranger { network(self.address) } else { self.address }
    }

    fn plays(&self, now: HostTime) -> bool {
        self.commanded.is_some_and(|at| now < at + PLAYS)
    }

    /// A machine of the rig may have come from its address meanwhile.
    fn learn(&mut self, kin: &Kin) {
        if self.standing == Standing::Stranger && kin.has(self.address) {
            self.standing = Standing::Kin;
        }
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Taken").field(&self.address).field(&self.standing).finish()
    }
}

#[cfg(test)]
mod tests;
