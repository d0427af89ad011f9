//! Seeded randomness: every piece is the same on every machine and at any time.

use downbeat_song::synth::Noise;

/// A source of choices.
pub struct Chance(Noise);

impl Chance {
    /// A source of its own for every seed.
    pub fn new(seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        // The first numbers of near seeds resemble each other.
        for _ in 0..16 {
            noise.next();
        }
        Self(noise)
    }

    /// A source whose seed is a name.
    pub fn named(name: &str) -> Self {
        Self::new(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// A number in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.chance()
    }

    /// A whole number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.0.chance() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of some things.
    pub fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// True with a probability.
    pub fn yes(&mut self, probability: f64) -> bool {
        self.0.chance() < probability
    }

    /// A number around 0 with a standard deviation of 1, never beyond ±3 (a sum of even chances, near enough a bell).
    pub fn bell(&mut self) -> f64 {
        (0..4).map(|_| self.0.next()).sum::<f64>() * 0.866
    }

    /// A seed for something else.
    pub fn seed(&mut self) -> u64 {
        (self.0.chance() * 4e9) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_repeat_with_their_seed_and_spread_over_their_range() {
        let draw = |name| {
            let mut chance = Chance::named(name);
            (0..2000).map(|_| chance.between(2.0, 6.0)).collect::<Vec<_>>()
        };
        assert_eq!(draw("house"), draw("house"));
        assert_ne!(draw("house"), draw("horse"));
        let mean = draw("house").iter().sum::<f64>() / 2000.0;
        assert!((mean - 4.0).abs() < 0.15, "{mean}");
        assert!(draw("house").iter().all(|x| (2.0..6.0).contains(x)));
    }

    #[test]
    fn the_bell_is_as_wide_as_it_says() {
        let mut chance = Chance::new(5);
        let power = (0..4000).map(|_| chance.bell().powi(2)).sum::<f64>() / 4000.0;
        assert!((power - 1.0).abs() < 0.1, "{power}");
    }
}
