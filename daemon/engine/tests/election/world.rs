//! Hosts, the links between them, and their faults, in virtual time from a seed.

use crate::host::{Daemon, Host, Letters, MS, Start, Word};
use crate::judge::Judge;
use crate::link::Link;
use downbeat_engine::election::Begin;
use downbeat_protocol::HostTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

const TURN: i64 = 4 * MS;
const ROW: i64 = 5 * MS;
const PING: i64 = 100 * MS;

/// What the world begins with.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub daemons: usize,
    pub nodes: usize,
    pub link: Link,
    pub detection: Duration,
    /// The first daemon takes the lead back when it can.
    pub preferred: bool,
}

impl Plan {
    /// A leader, a standby and two nodes on cables.
    pub const USUAL: Self =
        Self { daemons: 2, nodes: 2, link: Link::WIRED, detection: Duration::from_millis(100), preferred: false };
}

enum Due {
    Letter { from: usize, to: usize, word: Word },
    Turn(usize),
    Row(usize),
    Ping(usize),
}

/// A host in the world.
pub struct Place {
    host: Host,
    /// What its clock showed at the beginning, and how fast it runs, in parts of a million.
    clock: (i64, f64),
    pub alive: bool,
    /// Does nothing until then, and does not know it.
    pub stalled: i64,
    /// The term on its disk.
    saved: u32,
}

/// Everything.
pub struct World {
    pub plan: Plan,
    pub chance: fastrand::Rng,
    pub now: i64,
    pub places: Vec<Place>,
    pub judge: Judge,
    links: Vec<Vec<Link>>,
    due: BinaryHeap<Reverse<(i64, u64)>>,
    what: Vec<Option<Due>>,
    free: Vec<usize>,
    count: u64,
}

impl World {
    /// All machines are switched on within half a second of each other.
    pub fn new(plan: Plan, seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let hosts = plan.daemons + plan.nodes;
        let place = |place: usize| Place {
            host: Host::new(place, hosts, plan.daemons),
            clock: (chance.i64(0..1 << 50), chance.f64() * 200.0 - 100.0),
            alive: place >= plan.daemons,
            stalled: 0,
            saved: 0,
        };
        let places = (0..hosts).map(place).collect();
        let links = vec![vec![plan.link; hosts]; hosts];
        let (due, what, free) = (BinaryHeap::new(), Vec::new(), Vec::new());
        let judge = Judge::new(plan.daemons);
        let mut world = Self { plan, chance, now: 0, places, judge, links, due, what, free, count: 0 };
        for place in 0..hosts {
            let at = world.chance.i64(0..PING);
            world.later(at, Due::Ping(place));
            if place < plan.daemons {
                world.later(at, Due::Turn(place));
                world.later(at, Due::Row(place));
                world.start(place);
            }
        }
        world
    }

    /// Runs for a while.
    pub fn run(&mut self, milliseconds: i64) {
        let end = self.now + milliseconds * MS;
        while let Some(Reverse((at, count))) = self.due.peek().copied().filter(|due| due.0.0 <= end) {
            self.due.pop();
            self.now = at;
            let slot = (count & 0xff_ffff) as usize;
            if let Some(due) = self.what[slot].take() {
                self.free.push(slot);
                self.step(due);
            }
            self.judge.look(&self.sight());
        }
        self.now = end;
    }

    /// Starts a daemon: the first one as the primary, the others as standbys.
    pub fn start(&mut self, place: usize) {
        let now = self.clock(place);
        let begin = if place == 0 { Begin::Asking } else { Begin::Standby };
        let it = &mut self.places[place];
        (it.alive, it.stalled) = (true, 0);
        let (detection, preferred) = (self.plan.detection, self.plan.preferred && place == 0);
        it.host.start(Start { run: self.chance.u64(..), begin, term: it.saved, detection, preferred }, now);
    }

    /// Kills a daemon.
    pub fn kill(&mut self, place: usize) {
        (self.places[place].alive, self.places[place].host.daemon) = (false, None);
    }

    /// Stops a machine for a while.
    pub fn stall(&mut self, place: usize, milliseconds: i64) {
        let it = &mut self.places[place].stalled;
        *it = (*it).max(self.now + milliseconds * MS);
    }

    /// Cuts or mends the way between two hosts, in one direction.
    pub fn cut(&mut self, from: usize, to: usize, up: bool) {
        self.links[from][to].up = up;
    }

    /// Mends everything, and starts whoever is dead.
    pub fn heal(&mut self) {
        self.links.iter_mut().flatten().for_each(|link| link.up = true);
        for place in 0..self.plan.daemons {
            if !self.places[place].alive {
                self.start(place);
            }
        }
    }

    /// The operator at one daemon.
    pub fn operate(&mut self, place: usize, give: bool) {
        let now = self.clock(place);
        if let Some(daemon) = &mut self.places[place].host.daemon {
            if give {
                let _ = daemon.election.give(now);
            } else {
                daemon.election.take(now);
            }
        }
    }

    /// A daemon, while it is alive.
    pub fn daemon(&self, place: usize) -> Option<&Daemon> {
        self.places[place].host.daemon.as_ref()
    }

    /// Who leads and can act.
    pub fn leaders(&self) -> Vec<usize> {
        let awake = |place: &usize| self.now >= self.places[*place].stalled;
        (0..self.plan.daemons).filter(awake).filter(|it| self.daemon(*it).is_some_and(|it| it.leads)).collect()
    }

    /// What each daemon says of itself.
    pub fn words(&self) -> String {
        let words = |place| self.daemon(place).map_or("is dead".into(), |it| it.election.words());
        (0..self.plan.daemons).map(words).collect::<Vec<_>>().join("; ")
    }

    fn sight(&self) -> Sight {
        let leaders = self.leaders();
        let both = |a: usize, b: usize| self.links[a][b].up && self.links[b][a].up;
        let awake = |place: &usize| self.now >= self.places[*place].stalled;
        // A node tells the one of the lower term. It cannot tell apart two that began the same one in the same moment,
        // each cut off from the other.
        let term = |at: usize| self.daemon(leaders[at]).map(|it| it.term);
        let hear_each_other = leaders.len() > 1
            && (both(leaders[0], leaders[1])
                || term(0) != term(1)
                    && (self.plan.daemons..self.places.len())
                        .filter(awake)
                        .any(|node| both(node, leaders[0]) && both(node, leaders[1])));
        let terms = (0..self.plan.daemons).map(|it| self.daemon(it).map(|it| (it.leads, it.term))).collect();
        Sight { now: self.now, leaders, hear_each_other, terms }
    }

    fn clock(&self, place: usize) -> HostTime {
        let (start, ppm) = self.places[place].clock;
        HostTime(start + self.now + (self.now as f64 * ppm * 1e-6) as i64)
    }

    fn step(&mut self, due: Due) {
        let place = match due {
            Due::Letter { to, .. } => to,
            Due::Turn(place) | Due::Row(place) | Due::Ping(place) => place,
        };
        let stalled = self.places[place].stalled;
        if self.now < stalled {
            // The kernel keeps what comes. Who wakes first, the thread that hears or the one that decides, is chance.
            let at = stalled + self.chance.i64(0..3 * MS);
            return self.later(at, due);
        }
        let clock = self.clock(place);
        let alive = self.places[place].alive;
        let host = &mut self.places[place].host;
        let (letters, again): (Letters, _) = match due {
            Due::Letter { from, word, .. } if alive => (host.hear(clock, from, word), None),
            Due::Letter { .. } => return,
            Due::Turn(_) => (host.turn(clock), Some(TURN)),
            Due::Row(_) => (host.row(clock), Some(ROW)),
            Due::Ping(_) => (if alive { host.ping(clock) } else { Letters::new() }, Some(PING)),
        };
        if let Some(daemon) = &self.places[place].host.daemon {
            self.places[place].saved = daemon.term;
        }
        for (to, word) in letters {
            for delay in self.links[place][to].carry(&mut self.chance) {
                self.later(self.now + delay, Due::Letter { from: place, to, word });
            }
        }
        if let Some(again) = again {
            self.later(self.now + again, due);
        }
    }

    fn later(&mut self, at: i64, due: Due) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.what.push(None);
            self.what.len() - 1
        });
        self.what[slot] = Some(due);
        self.count += 1;
        self.due.push(Reverse((at, self.count << 24 | slot as u64)));
    }
}

/// What is to be judged at one moment.
pub struct Sight {
    pub now: i64,
    /// Who leads and can act.
    pub leaders: Vec<usize>,
    /// Whether two that lead, or a node, could know of both.
    pub hear_each_other: bool,
    /// Whether each daemon leads, and its term; none while it is dead.
    pub terms: Vec<Option<(bool, u32)>>,
}
