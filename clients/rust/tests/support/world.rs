//! Two clocks and a network between them, in virtual time, with the truth.

use downbeat_client::clock::{Follower, pause};
use downbeat_protocol::{HostTime, ShowTime};
use fastrand::Rng;

/// In nanoseconds.
pub const SECOND: i64 = 1_000_000_000;
/// When a run begins on the following machine.
pub const BEGIN: i64 = 1_000 * SECOND;

/// Something that follows a clock by exchanges of time stamps.
pub trait Follows: Default {
    /// Takes an exchange: sent and back on this machine, received and answered in show time.
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64);
    /// Show time at a moment of this machine.
    fn told(&self, host: i64) -> i64;
    /// Whether it is to be believed.
    fn ready(&self) -> bool;
}

impl Follows for Follower {
    fn take(&mut self, sent: i64, received: i64, answered: i64, back: i64) {
        self.sample(HostTime(sent), ShowTime(received), ShowTime(answered), HostTime(back));
    }

    fn told(&self, host: i64) -> i64 {
        self.show(HostTime(host)).0
    }

    fn ready(&self) -> bool {
        self.synced()
    }
}

/// A network between two clocks.
pub struct World {
    /// Chance.
    pub rng: Rng,
    /// What the show's clock gains on this machine's.
    pub drift: f64,
    /// How much that changes up and down in 200 s.
    pub wander: f64,
    /// Shortest way there and back, in nanoseconds.
    pub least: [f64; 2],
    /// Mean of the exponential delay on top of it, each way.
    pub jitter: [f64; 2],
    /// How often a burst of delay of up to so many nanoseconds happens.
    pub burst: (f64, f64),
    /// How often a packet is lost.
    pub loss: f64,
}

impl World {
    /// One machine that is idle.
    pub fn new(seed: u64) -> Self {
        let rng = Rng::with_seed(seed);
        Self {
            rng,
            drift: 25e-6,
            wander: 0.3e-6,
            least: [40e3, 40e3],
            jitter: [20e3, 20e3],
            burst: (0.0, 0.0),
            loss: 0.0,
        }
    }

    /// One machine on which a thread sometimes has to wait for a processor.
    pub fn loopback(seed: u64) -> Self {
        Self { burst: (0.05, 1e6), ..Self::new(seed) }
    }

    /// A millisecond of jitter each way, as in a network that others use too.
    pub fn jittery(seed: u64) -> Self {
        Self { least: [200e3, 200e3], jitter: [1e6, 1e6], ..Self::new(seed) }
    }

    /// Wi-Fi that many use: 3 ms of jitter each way, bursts of up to 60 ms, losses.
    pub fn wi_fi(seed: u64) -> Self {
        Self { least: [1e6, 1e6], jitter: [3e6, 3e6], burst: (0.05, 60e6), loss: 0.02, ..Self::new(seed) }
    }

    /// Show time at a moment of this machine.
    pub fn truth(&self, host: i64) -> i64 {
        let turn = host as f64 * std::f64::consts::TAU / 200e9;
        let wandered = self.wander * 200e9 / std::f64::consts::TAU * (1.0 - turn.cos());
        7_777 * SECOND + host + (host as f64 * self.drift + wandered) as i64
    }

    fn delay(&mut self, way: usize) -> i64 {
        let late = -self.rng.f64().max(1e-12).ln() * self.jitter[way];
        let burst = if self.rng.f64() < self.burst.0 { self.rng.f64() * self.burst.1 } else { 0.0 };
        (self.least[way] + late + burst) as i64
    }

    /// One exchange that begins at a moment; when its answer is back.
    fn exchange(&mut self, follower: &mut impl Follows, sent: i64) -> i64 {
        let received = sent + self.delay(0);
        let answered = received + 5_000 + self.rng.i64(0..20_000);
        let back = answered + self.delay(1);
        if self.rng.f64() >= self.loss {
            follower.take(sent, self.truth(received), self.truth(answered), back);
        }
        back
    }

    /// Follows for so long, and looks at the clock every few milliseconds from when it is to be believed.
    pub fn follow<F: Follows>(&mut self, follower: &mut F, seconds: f64, look: impl FnMut(&Self, &F, i64)) {
        self.go_on(follower, BEGIN, seconds, look);
    }

    /// The same from a moment on.
    pub fn go_on<F: Follows>(
        &mut self,
        follower: &mut F,
        begin: i64,
        seconds: f64,
        mut look: impl FnMut(&Self, &F, i64),
    ) {
        let (mut now, mut looked) = (begin, begin);
        let end = now + (seconds * 1e9) as i64;
        for count in 0.. {
            let back = self.exchange(follower, now);
            let next = (now + pause(count).as_nanos() as i64).max(back + 1);
            looked = looked.max(back);
            while looked < next {
                if follower.ready() {
                    look(self, follower, looked);
                }
                looked += 3_333_333;
            }
            now = next;
            if now >= end {
                return;
            }
        }
    }

    /// By how many nanoseconds a follower is off, in order of size, from so many seconds on.
    pub fn errors<F: Follows>(&mut self, from: f64, seconds: f64) -> Vec<i64> {
        let mut errors = Vec::new();
        self.follow(&mut F::default(), seconds, |world, follower, host| {
            if host >= BEGIN + (from * 1e9) as i64 {
                errors.push((follower.told(host) - world.truth(host)).abs());
            }
        });
        errors.sort_unstable();
        errors
    }
}
