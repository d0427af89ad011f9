//! The hosts of the simulated network: daemons that elect, and nodes that follow all of them.

use downbeat_engine::election::{Begin, Election, Settings, Standing};
use downbeat_protocol::HostTime;
use std::time::Duration;

/// Nanoseconds in a millisecond.
pub const MS: i64 = 1_000_000;
/// A connection that brought nothing for so long is gone.
const IDLE: i64 = 1_000 * MS;
/// A standby is ready when it has followed for so long: the clock has settled.
const SETTLING: i64 = 300 * MS;
/// How often words that are not acknowledged are said again.
const AGAIN: i64 = 20 * MS;
/// How often clients are asked while the leader is silent, and how often they correct a daemon that leads no more.
const ASK_EVERY: i64 = 15 * MS;
const CORRECT_EVERY: i64 = 50 * MS;

/// What goes over the network.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// A row of a leader.
    Row { run: u64, term: u32 },
    /// A daemon says what it is; the count keeps the order, as a stream does.
    Said { run: u64, term: u32, leads: bool, count: u64 },
    /// Clients are asked for the leader of a term.
    Ask { term: u32 },
    /// The answer.
    LeaderHeard { term: u32, age: Duration },
    /// A client is there. The first ping of a connection says the highest term that it knows.
    Ping { hello: Option<u32> },
}

/// Words for somebody.
pub type Letters = Vec<(usize, Word)>;

/// What one host hears of one daemon.
#[derive(Clone, Copy, Debug, Default)]
struct Ear {
    said: Option<(u64, u32, bool)>,
    count: u64,
    last_row: Option<HostTime>,
    /// The last packet of any kind.
    last: Option<HostTime>,
    since: HostTime,
}

impl Ear {
    fn connected(&self, now: HostTime) -> bool {
        self.last.is_some_and(|last| now.since(last) < IDLE)
    }

    fn touch(&mut self, now: HostTime) {
        if !self.connected(now) {
            *self = Self { since: now, ..Self::default() };
        }
        self.last = Some(now);
    }
}

/// One machine.
pub struct Host {
    place: usize,
    /// What it hears of each daemon, by their places.
    ears: Vec<Ear>,
    /// When each other host last said that it is there.
    audience: Vec<Option<HostTime>>,
    /// The highest term that was heard of; for a daemon, in its election.
    term: u32,
    corrected: HostTime,
    /// The daemon, if it is one.
    pub daemon: Option<Daemon>,
}

/// A daemon on its host.
pub struct Daemon {
    pub election: Election,
    pub run: u64,
    pub leads: bool,
    pub term: u32,
    count: u64,
    told: HostTime,
    asked: HostTime,
}

/// How a daemon is started.
pub struct Start {
    pub run: u64,
    pub begin: Begin,
    pub term: u32,
    pub detection: Duration,
    pub preferred: bool,
}

impl Host {
    /// A host that runs nothing yet but what follows.
    pub fn new(place: usize, hosts: usize, daemons: usize) -> Self {
        Self {
            place,
            ears: vec![Ear::default(); daemons],
            audience: vec![None; hosts],
            term: 0,
            corrected: HostTime(i64::MIN / 2),
            daemon: None,
        }
    }

    /// Starts its daemon, which knows nothing but what was saved.
    pub fn start(&mut self, start: Start, now: HostTime) {
        *self = Self::new(self.place, self.audience.len(), self.ears.len());
        let Start { run, begin, term, detection, preferred } = start;
        let election = Election::new(Settings { id: run, term, begin, detection, preferred }, now);
        self.daemon = Some(Daemon { election, run, leads: false, term, count: 0, told: now, asked: now });
    }

    /// Says that it is there, to every daemon.
    pub fn ping(&self, now: HostTime) -> Letters {
        let others = (0..self.ears.len()).filter(|other| *other != self.place);
        others.map(|to| (to, Word::Ping { hello: (!self.ears[to].connected(now)).then_some(self.term) })).collect()
    }

    /// A leader's row, for everyone who is there.
    pub fn row(&self, now: HostTime) -> Letters {
        let Some(daemon) = self.daemon.as_ref().filter(|daemon| daemon.leads) else { return Letters::new() };
        let word = Word::Row { run: daemon.run, term: daemon.term };
        self.present(now).map(|to| (to, word)).collect()
    }

    /// Hears a word.
    pub fn hear(&mut self, now: HostTime, from: usize, word: Word) -> Letters {
        match word {
            Word::Row { run, term } => return self.hear_row(now, from, run, term),
            Word::Said { run, term, leads, count } => {
                let ear = &mut self.ears[from];
                ear.touch(now);
                if ear.said.is_none_or(|said| said.0 != run) || count > ear.count {
                    (ear.said, ear.count) = (Some((run, term, leads)), count);
                    self.term = self.term.max(term);
                    if let Some(daemon) = &mut self.daemon {
                        daemon.election.heard(now, run, term, leads);
                    }
                }
            }
            Word::Ask { term } => {
                self.ears[from].touch(now);
                let rows = self.ears.iter().filter(|ear| ear.said.is_some_and(|said| said.1 >= self.term));
                let last = rows.filter_map(|ear| ear.last_row).max().filter(|_| self.term >= term);
                let age = last.map_or(Duration::MAX, |last| last.until(now));
                if self.daemon.is_none() {
                    return vec![(from, Word::LeaderHeard { term: self.term, age })];
                }
            }
            Word::LeaderHeard { term, age } => {
                if let Some(daemon) = &mut self.daemon {
                    daemon.election.witness(now, term, age);
                }
            }
            Word::Ping { hello } => {
                self.audience[from] = Some(now);
                if let (Some(daemon), Some(term)) = (&mut self.daemon, hello) {
                    daemon.election.term(now, term);
                }
                // What a stream's acknowledgements are: the client hears that somebody is there.
                return self.daemon.as_ref().map(|daemon| (from, daemon.says())).into_iter().collect();
            }
        }
        Letters::new()
    }

    /// One turn of the daemon.
    pub fn turn(&mut self, now: HostTime) -> Letters {
        let Some(daemon) = &mut self.daemon else { return Letters::new() };
        let mut ready = false;
        for ear in self.ears.iter().filter(|ear| ear.connected(now)) {
            let Some((run, term, leads)) = ear.said else { continue };
            if let Some(at) = if leads { ear.last_row } else { Some(now) } {
                daemon.election.heard(at, run, term, leads);
            }
            let followed = ear.last_row.is_some() && now.since(ear.since) > SETTLING;
            ready |= leads && term >= daemon.election.highest_term() && followed;
        }
        daemon.election.ready(now, ready);
        let standing = daemon.election.tick(now);
        let before = (daemon.leads, daemon.term);
        (daemon.leads, daemon.term) = match standing {
            Standing::Leading { term } => (true, term),
            Standing::Waiting { term } => (false, term),
        };
        self.term = self.term.max(daemon.term);
        let mut words = Vec::new();
        if before != (daemon.leads, daemon.term) || now.since(daemon.told) > AGAIN {
            daemon.told = now;
            daemon.count += u64::from(before != (daemon.leads, daemon.term));
            words.push(daemon.says());
        }
        if daemon.election.wonders(now) && now.since(daemon.asked) > ASK_EVERY {
            daemon.asked = now;
            words.push(Word::Ask { term: daemon.election.highest_term() });
        }
        let present: Vec<usize> = self.present(now).collect();
        present.iter().flat_map(|to| words.iter().map(|word| (*to, *word))).collect()
    }

    fn hear_row(&mut self, now: HostTime, from: usize, run: u64, term: u32) -> Letters {
        let ear = &mut self.ears[from];
        ear.touch(now);
        ear.last_row = Some(now);
        if ear.said.is_none_or(|said| said.0 != run || term > said.1) {
            ear.said = Some((run, term, true));
        }
        self.term = self.term.max(term);
        if self.daemon.is_some() || term >= self.term || now.since(self.corrected) < CORRECT_EVERY {
            return Letters::new();
        }
        self.corrected = now;
        vec![(from, Word::LeaderHeard { term: self.term, age: Duration::MAX })]
    }

    /// The others that are connected, as clients or as the daemons that this one follows.
    fn present(&self, now: HostTime) -> impl Iterator<Item = usize> {
        let there = move |last: &Option<HostTime>| last.is_some_and(|last| now.since(last) < IDLE);
        self.audience.iter().enumerate().filter(move |(_, last)| there(last)).map(|(to, _)| to)
    }
}

impl Daemon {
    fn says(&self) -> Word {
        Word::Said { run: self.run, term: self.term, leads: self.leads, count: self.count }
    }
}
