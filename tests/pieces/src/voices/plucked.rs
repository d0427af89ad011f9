//! A plucked string (Karplus & Strong 1983).

use downbeat_song::synth::{Filter, Noise, RATE};

/// A string that was just plucked.
pub struct Plucked {
    line: Vec<f64>,
    at: usize,
    /// What lies between two samples of the line.
    fraction: f64,
    last: f64,
    keep: f64,
}

impl Plucked {
    /// Plucked at a pitch in Hz. `bright` from 0 to 1 is how near the bridge; `keep` below 1 is what each turn keeps.
    pub fn new(hertz: f64, bright: f64, keep: f64, seed: u64) -> Self {
        // The mean of two samples, which damps the string, delays by half a sample.
        let period = (RATE / hertz - 0.5).max(2.0);
        let whole = period.floor();
        let (mut noise, mut soft) = (Noise::new(seed), Filter::new(600.0 + 9000.0 * bright * bright, 0.7));
        let line = (0..whole as usize + 1).map(|_| soft.low(noise.next())).collect();
        Self { line, at: 0, fraction: period - whole, last: 0.0, keep }
    }

    /// The next sample.
    pub fn next(&mut self) -> f64 {
        let length = self.line.len();
        let (newer, older) = (self.line[(self.at + 1) % length], self.line[self.at]);
        let sample = self.fraction * older + (1.0 - self.fraction) * newer;
        self.line[self.at] = self.keep * 0.5 * (sample + self.last);
        self.last = sample;
        self.at = (self.at + 1) % length;
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_song::synth::{cosine, sine};

    /// Power at a frequency.
    fn power(sound: &[f64], hertz: f64) -> f64 {
        let (mut a, mut b) = (0.0, 0.0);
        for (at, sample) in sound.iter().enumerate() {
            a += sample * cosine(at as f64 * hertz / RATE);
            b += sample * sine(at as f64 * hertz / RATE);
        }
        a * a + b * b
    }

    #[test]
    fn the_string_sounds_at_its_pitch() {
        let mut string = Plucked::new(220.0, 0.6, 0.996, 3);
        let sound: Vec<f64> = (0..48_000).map(|_| string.next()).collect();
        assert!(power(&sound, 220.0) > 20.0 * power(&sound, 228.0));
        assert!(power(&sound, 220.0) > 20.0 * power(&sound, 212.0));
    }
}
