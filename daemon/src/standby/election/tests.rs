//! Daemons, clients and a network in virtual time, drawn by chance.

use super::*;
use fastrand::Rng;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// How often a leader speaks and everyone looks, in nanoseconds.
const STEP: i64 = 4_000_000;
const SECOND: i64 = 1_000_000_000;
const DETECTION: Duration = Duration::from_millis(100);

/// What goes from one to another.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// What a daemon is, as rows and streams carry it.
    Daemon { run: u64, term: u32, leads: bool },
    /// A standby asks; the place of the daemon to answer.
    Ask { from: usize },
    /// A client answers.
    Heard { term: u32, age: Duration },
}

/// One of the network's ways at one time.
#[derive(Clone, Copy, Debug)]
struct Way {
    cut: bool,
    loss: f64,
    delay: i64,
    /// Mean of an exponential, in nanoseconds.
    jitter: f64,
    /// How often, in packets, everything is held up for up to 60 ms, and until when it is.
    bursts: f64,
    held_until: i64,
}

struct Box {
    election: Option<Election>,
    run: u64,
    /// The term that it wrote down before it died.
    kept: u32,
    /// Its clock runs so much faster.
    ppm: f64,
    stalled_until: i64,
    asked: i64,
}

/// A client: the highest term it heard rows of, and when.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    term: u32,
    heard: i64,
}

/// Everyone is on everyone's network: daemons first, then clients.
struct Rig {
    now: i64,
    boxes: Vec<Box>,
    clients: Vec<Client>,
    ways: BTreeMap<(usize, usize), Way>,
    sent: BTreeMap<(i64, u64), (usize, usize, Said)>,
    count: u64,
    runs: u64,
    rng: Rng,
}

impl Rig {
    /// The first daemon leads, the others stand by.
    fn new(daemons: usize, clients: usize, seed: u64, way: Way) -> Self {
        let all = daemons + clients;
        let ways = (0..all).flat_map(|from| (0..all).map(move |to| ((from, to), way))).collect();
        let mut rng = Rng::with_seed(seed);
        let boxes = (0..daemons).map(|_| Box {
            election: None,
            run: 0,
            kept: 0,
            ppm: rng.f64() * 200.0 - 100.0,
            stalled_until: 0,
            asked: 0,
        });
        let boxes = boxes.collect();
        let (clients, sent) = (vec![Client::default(); clients], BTreeMap::new());
        let mut rig = Self { now: 0, boxes, clients, ways, sent, count: 0, runs: 0, rng };
        (0..daemons).for_each(|place| rig.start(place, if place == 0 { Begin::Alone } else { Begin::Standby }));
        rig
    }

    fn start(&mut self, place: usize, begin: Begin) {
        self.runs += 1;
        let run = self.rng.u64(1..1 << 60) << 4 | self.runs & 15;
        let settings =
            Settings { id: run, term: self.boxes[place].kept, begin, detection: DETECTION, preferred: false };
        let now = self.clock(place);
        let it = &mut self.boxes[place];
        (it.run, it.election) = (run, Some(Election::new(settings, now)));
    }

    fn kill(&mut self, place: usize) {
        self.boxes[place].election = None;
    }

    /// A box's own clock.
    fn clock(&self, place: usize) -> HostTime {
        HostTime((self.now as f64 * (1.0 + self.boxes[place].ppm * 1e-6)) as i64)
    }

    fn send(&mut self, from: usize, to: usize, said: Said) {
        let way = self.ways[&(from, to)];
        if way.cut || self.rng.f64() < way.loss {
            return;
        }
        let late = -way.jitter * (1.0 - self.rng.f64()).ln();
        let mut due = self.now + way.delay + late as i64;
        if self.rng.f64() < way.bursts {
            let until = self.now + self.rng.i64(0..60_000_000);
            self.ways.insert((from, to), Way { held_until: until, ..way });
        }
        due = due.max(self.ways[&(from, to)].held_until);
        self.count += 1;
        self.sent.insert((due, self.count), (from, to, said));
    }

    fn tell_all(&mut self, from: usize, said: Said) {
        let all = self.boxes.len() + self.clients.len();
        (0..all).filter(|to| *to != from).for_each(|to| self.send(from, to, said));
    }

    fn leaders(&self) -> Vec<usize> {
        let leads = |it: &Box| it.election.as_ref().is_some_and(|election| election.leads);
        (0..self.boxes.len()).filter(|place| leads(&self.boxes[*place])).collect()
    }

    /// One step of everything.
    fn step(&mut self) {
        self.now += STEP;
        while let Some(entry) = self.sent.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let (_, to, said) = entry.remove();
            self.receive(to, said);
        }
        for place in 0..self.boxes.len() {
            let now = self.clock(place);
            let (run, stalled) = (self.boxes[place].run, self.boxes[place].stalled_until > self.now);
            let Some(election) = self.boxes[place].election.as_mut().filter(|_| !stalled) else { continue };
            // It has all it takes as long as it hears a leader.
            let follows = election.leader.is_some() && election.silence(now) < DETECTION;
            election.ready(now, follows);
            let standing = election.tick(now);
            let wonders = election.wonders(now);
            let (term, leads) = match standing {
                Standing::Leading { term } => (term, true),
                Standing::Waiting { term } => (term, false),
            };
            self.boxes[place].kept = term;
            if leads || self.now / STEP % 50 == 0 {
                self.tell_all(place, Said::Daemon { run, term, leads });
            }
            if wonders && self.now - self.boxes[place].asked > 15_000_000 {
                self.boxes[place].asked = self.now;
                (0..self.clients.len())
                    .for_each(|it| self.send(place, self.boxes.len() + it, Said::Ask { from: place }));
            }
        }
    }

    fn receive(&mut self, to: usize, said: Said) {
        let daemons = self.boxes.len();
        if to < daemons {
            let now = self.clock(to);
            // What reaches a process that is stopped is read when it goes on.
            if self.boxes[to].stalled_until > self.now {
                self.count += 1;
                self.sent.insert((self.boxes[to].stalled_until, self.count), (to, to, said));
                return;
            }
            let Some(election) = &mut self.boxes[to].election else { return };
            match said {
                Said::Daemon { run, term, leads } => election.heard(now, run, term, leads),
                Said::Heard { term, age } => election.witness(now, term, age),
                Said::Ask { .. } => {}
            }
            return;
        }
        let client = &mut self.clients[to - daemons];
        match said {
            Said::Daemon { term, leads: true, .. } if term >= client.term => {
                *client = Client { term, heard: self.now };
            }
            Said::Ask { from } => {
                let age = Duration::from_nanos((self.now - client.heard) as u64);
                let heard = Said::Heard { term: client.term, age };
                self.send(to, from, heard);
            }
            Said::Daemon { .. } | Said::Heard { .. } => {}
        }
    }

    fn run(&mut self, seconds: f64) {
        let end = self.now + (seconds * 1e9) as i64;
        while self.now < end {
            self.step();
        }
    }

    /// Steps until something is so; how long that took, or nothing within five seconds.
    fn until(&mut self, so: impl Fn(&Self) -> bool) -> Option<Duration> {
        let begun = self.now;
        while self.now - begun < 5 * SECOND {
            if so(self) {
                return Some(Duration::from_nanos((self.now - begun) as u64));
            }
            self.step();
        }
        None
    }

    fn set_ways(&mut self, change: impl Fn(&mut Way, usize, usize)) {
        self.ways.iter_mut().for_each(|((from, to), way)| change(way, *from, *to));
    }
}

fn cable() -> Way {
    Way { cut: false, loss: 0.0, delay: 100_000, jitter: 50_000.0, bursts: 0.0, held_until: 0 }
}

/// As the networks of the clock's benchmark.
fn wi_fi() -> Way {
    Way { cut: false, loss: 0.02, delay: SECOND / 1_000, jitter: 3e6, bursts: 0.002, held_until: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_dead_leader_is_replaced_within_two_detection_times_by_one_of_the_standbys(
        seed: u64, standbys in 1usize..4, clients in 0usize..4, bad: bool, after in 0.5f64..3.0,
    ) {
        let mut rig = Rig::new(1 + standbys, clients, seed, if bad { wi_fi() } else { cable() });
        rig.run(after);
        prop_assert_eq!(rig.leaders(), [0]);
        rig.kill(0);
        let took = rig.until(|rig| !rig.leaders().is_empty());
        // Detection and what was on its way; each further standby waits 0.6 of it longer, but the first is alive.
        prop_assert!(took.is_some_and(|took| took < 2 * DETECTION), "{:?}", took);
        rig.run(1.0);
        prop_assert_eq!(rig.leaders().len(), 1);
        // It returns and does not take part in the lead.
        rig.start(0, Begin::Asking);
        rig.run(1.0);
        prop_assert_eq!(rig.leaders().len(), 1);
        prop_assert!(!rig.leaders().contains(&0));
    }

    #[test]
    fn nobody_takes_over_from_a_leader_that_lives(seed: u64, clients in 0usize..4, bad: bool) {
        let mut rig = Rig::new(2, clients, seed, if bad { wi_fi() } else { cable() });
        for _ in 0..2_000 {
            rig.step();
            prop_assert_eq!(rig.leaders(), [0]);
        }
    }

    #[test]
    fn a_cut_cable_between_the_daemons_is_no_death_while_a_client_hears_both(
        seed: u64, clients in 1usize..4, seconds in 0.2f64..4.0, one_way: bool,
    ) {
        let mut rig = Rig::new(2, clients, seed, cable());
        rig.run(1.0);
        rig.set_ways(|way, from, to| way.cut = (from, to) == (0, 1) || !one_way && (from, to) == (1, 0));
        let end = rig.now + (seconds * 1e9) as i64;
        while rig.now < end {
            rig.step();
            prop_assert_eq!(rig.leaders(), [0]);
        }
    }

    #[test]
    fn after_any_mishaps_one_leader_remains_and_terms_have_only_risen(seed: u64, clients in 0usize..3) {
        let mut rig = Rig::new(2 + (seed % 2) as usize, clients, seed, cable());
        let daemons = rig.boxes.len();
        let mut terms = vec![0; daemons];
        let mut both_ns = 0;
        for _ in 0..12 {
            match rig.rng.u32(0..6) {
                0 => {
                    let place = rig.rng.usize(0..daemons);
                    rig.kill(place);
                }
                1 => {
                    let place = rig.rng.usize(0..daemons);
                    rig.boxes[place].stalled_until = rig.now + rig.rng.i64(SECOND / 20..3 * SECOND);
                }
                2 => {
                    let side: Vec<bool> = (0..daemons + clients).map(|_| rig.rng.bool()).collect();
                    rig.set_ways(|way, from, to| way.cut = side[from] != side[to]);
                }
                3 => {
                    let (a, b) = (rig.rng.usize(0..daemons), rig.rng.usize(0..daemons + clients));
                    rig.set_ways(|way, from, to| way.cut |= (from, to) == (a, b));
                }
                4 => {
                    let loss = rig.rng.f64() * 0.5;
                    rig.set_ways(|way, _, _| way.loss = loss);
                }
                _ => rig.set_ways(|way, _, _| *way = wi_fi()),
            }
            let steps = rig.rng.u32(10..400);
            for _ in 0..steps {
                rig.step();
                for (place, term) in terms.iter_mut().enumerate() {
                    let now = rig.boxes[place].kept;
                    prop_assert!(now >= *term, "daemon {} went from term {} back to {}", place, term, now);
                    *term = now;
                }
                // Two who hear each other, and none of them stopped.
                let leaders = rig.leaders();
                let hear = leaders.len() > 1 && leaders.iter().all(|it| {
                    rig.boxes[*it].stalled_until <= rig.now
                        && leaders.iter().all(|other| !rig.ways[&(*it, *other)].cut && rig.ways[&(*it, *other)].loss < 0.1)
                });
                both_ns = if hear { both_ns + STEP } else { 0 };
                prop_assert!(both_ns <= DETECTION.as_nanos() as i64, "two leaders for {} ns", both_ns);
            }
            for place in 0..daemons {
                if rig.boxes[place].election.is_none() && rig.rng.bool() {
                    rig.start(place, Begin::Asking);
                }
            }
        }
        rig.set_ways(|way, _, _| *way = cable());
        for place in 0..daemons {
            rig.boxes[place].stalled_until = 0;
            if rig.boxes[place].election.is_none() {
                rig.start(place, Begin::Asking);
            }
        }
        let one = rig.until(|rig| rig.leaders().len() == 1);
        prop_assert!(one.is_some(), "leaders: {:?}", rig.leaders());
        rig.run(2.0);
        prop_assert_eq!(rig.leaders().len(), 1);
    }
}

#[test]
fn a_leader_that_was_stopped_stands_down_at_the_first_word_of_its_successor() {
    let mut rig = Rig::new(2, 1, 7, cable());
    rig.run(1.0);
    rig.boxes[0].stalled_until = rig.now + 2 * SECOND;
    rig.run(2.0);
    rig.run(0.02);
    assert_eq!(rig.leaders(), [1]);
}

#[test]
fn the_lead_is_given_and_taken_by_hand() {
    let mut rig = Rig::new(2, 1, 7, cable());
    rig.run(1.0);
    let now = rig.clock(0);
    assert!(rig.boxes[0].election.as_mut().is_some_and(|it| it.give(now)));
    rig.run(1.0);
    assert_eq!(rig.leaders(), [1]);
    let now = rig.clock(0);
    rig.boxes[0].election.as_mut().expect("runs").take(now);
    rig.run(0.5);
    assert_eq!(rig.leaders(), [0]);
    // Nobody is there to take it.
    rig.kill(1);
    rig.run(1.0);
    let now = rig.clock(0);
    assert!(!rig.boxes[0].election.as_mut().is_some_and(|it| it.give(now)));
    assert_eq!(rig.leaders(), [0]);
}

#[test]
fn a_preferred_daemon_takes_the_lead_back_when_it_is_ready_again() {
    let mut rig = Rig::new(2, 1, 7, cable());
    rig.run(1.0);
    rig.kill(0);
    rig.run(1.0);
    rig.start(0, Begin::Asking);
    rig.boxes[0].election.as_mut().expect("runs").settings.preferred = true;
    rig.run(5.0);
    assert_eq!(rig.leaders(), [1]);
    rig.run(8.0);
    assert_eq!(rig.leaders(), [0]);
}

#[test]
fn a_client_that_lies_about_terms_does_not_end_the_show() {
    let mut rig = Rig::new(2, 1, 7, cable());
    rig.run(1.0);
    let now = rig.clock(0);
    for place in 0..2 {
        rig.boxes[place].election.as_mut().expect("runs").term(now, u32::MAX);
    }
    rig.step();
    assert_eq!(rig.leaders(), [0]);
    rig.boxes[0].election.as_mut().expect("runs").term(now, 9);
    rig.run(1.0);
    assert_eq!(rig.leaders().len(), 1);
}

#[test]
fn a_standby_that_never_followed_does_not_lead() {
    let mut rig = Rig::new(2, 1, 7, cable());
    rig.kill(0);
    rig.run(5.0);
    assert_eq!(rig.leaders(), [0; 0]);
}
