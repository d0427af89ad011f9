//! What can happen to a packet between two hosts.

/// One direction of the way between two hosts. Times in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Whether anything gets through.
    pub up: bool,
    /// What every packet takes.
    pub delay: i64,
    /// The mean of what comes on top of that, exponentially distributed.
    pub jitter: i64,
    /// How often the air is taken, each time for up to `burst`: per packet, 0 to 1.
    pub bursts: f64,
    /// The longest such time.
    pub burst: i64,
    /// Lost packets, 0 to 1.
    pub loss: f64,
    /// Packets that come twice, 0 to 1.
    pub twice: f64,
}

impl Link {
    /// A cable and a switch: 0.2 ms, a tenth of a percent lost.
    pub const WIRED: Self =
        Self { up: true, delay: 200_000, jitter: 100_000, bursts: 0.0, burst: 0, loss: 0.001, twice: 0.001 };

    /// 1 ms, 3 ms of jitter, bursts to 60 ms and 2 % lost: what was measured on Wi-Fi.
    pub const WIFI: Self = Self {
        up: true,
        delay: 1_000_000,
        jitter: 3_000_000,
        bursts: 0.005,
        burst: 60_000_000,
        loss: 0.02,
        twice: 0.005,
    };

    /// How long each copy of a packet takes; none for a lost one.
    pub fn carry(&self, chance: &mut fastrand::Rng) -> Vec<i64> {
        let copies = match chance.f64() {
            _ if !self.up => 0,
            x if x < self.loss => 0,
            x if x < self.loss + self.twice => 2,
            _ => 1,
        };
        (0..copies).map(|_| self.one(chance)).collect()
    }

    fn one(&self, chance: &mut fastrand::Rng) -> i64 {
        let burst = if chance.f64() < self.bursts { (self.burst as f64 * chance.f64()) as i64 } else { 0 };
        self.delay + (-(1.0 - chance.f64()).ln() * self.jitter as f64) as i64 + burst
    }
}
