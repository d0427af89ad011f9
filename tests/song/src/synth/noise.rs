//! Seeded noise.

/// White noise, the same for the same seed (xorshift64*, Vigna 2016).
pub struct Noise(u64);

impl Noise {
    /// A source of its own for every seed.
    pub fn new(seed: u64) -> Self {
        // Steele's SplitMix constants spread near seeds apart; zero would stay zero for ever.
        Self((seed.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next sample, in `[-1, 1)`.
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let top = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        f64::from(top as u32) / 2_147_483_648.0 - 1.0
    }

    /// A number in `[0, 1)`.
    pub fn chance(&mut self) -> f64 {
        0.5 + 0.5 * self.next()
    }
}
