//! What turns evenly: a second-order loop that smooths what the pointer says.

use super::pointer::Estimate;

/// The beat as it is told to the world: even at a steady tempo, and quick to be set anew when the pointer has made up
/// its mind about another.
#[derive(Clone, Debug)]
pub(super) struct Flywheel {
    /// The last beat, in ticks from the start.
    beat: f64,
    /// Ticks from beat to beat.
    period: f64,
    /// How many beats were counted up to that one.
    count: u64,
    /// For how long the pointer has been elsewhere, in ticks.
    astray: f64,
    phase_gain: f64,
    tempo_gain: f64,
    patience: f64,
    shortest: f64,
    longest: f64,
}

/// The loop's natural frequency in radians a second: a ramp of 1 BPM a second is followed 17 ms behind.
const SPEED: f64 = 0.7;
/// Critically damped.
const DAMPING: f64 = 1.0;
/// When the pointer is further away than this many beats …
const FAR: f64 = 0.12;
/// … or its tempo differs by more than this share …
const OTHER_TEMPO: f64 = 0.04;
/// … for so many seconds, it is followed at once.
const PATIENCE_SECONDS: f64 = 0.8;

impl Flywheel {
    /// A wheel that turns at 120 BPM, or as near to it as the range in BPM allows. `rate` is in ticks a second.
    pub fn new(rate: f64, range: (f64, f64)) -> Self {
        Self {
            beat: 0.0,
            period: 60.0 * rate / 120f64.clamp(range.0, range.1),
            count: 0,
            astray: f64::INFINITY,
            phase_gain: 2.0 * DAMPING * SPEED / rate,
            tempo_gain: (SPEED / rate).powi(2),
            patience: PATIENCE_SECONDS * rate,
            shortest: 60.0 * rate / range.1,
            longest: 60.0 * rate / range.0,
        }
    }

    /// Hears what the pointer says at the time `now`, in ticks. Returns whether the beat was set anew.
    pub fn hear(&mut self, now: f64, estimate: Estimate) -> bool {
        let error = self.error(now, estimate);
        let stretch = estimate.period / self.period;
        if error.abs() < FAR && (stretch - 1.0).abs() < OTHER_TEMPO {
            self.astray = 0.0;
        } else {
            self.astray += 1.0;
        }
        let anew = self.astray >= self.patience;
        if anew {
            self.period = estimate.period;
            self.beat = now - estimate.phase * estimate.period;
            self.astray = 0.0;
        } else {
            // The loop in units of beats: `error` is by how much the pointer is ahead.
            self.beat -= self.phase_gain * error * self.period;
            self.period -= self.tempo_gain * error * self.period * self.period;
        }
        self.period = self.period.clamp(self.shortest, self.longest);
        while now - self.beat >= self.period {
            self.beat += self.period;
            self.count += 1;
        }
        anew
    }

    /// By how many beats the pointer is ahead, -0.5 to 0.5.
    fn error(&self, now: f64, estimate: Estimate) -> f64 {
        let error = estimate.phase - (now - self.beat) / self.period;
        error - error.round()
    }

    /// Ticks from beat to beat.
    pub fn period(&self) -> f64 {
        self.period
    }

    /// How much of the beat has passed at a time, `[0, 1)`.
    pub fn phase(&self, now: f64) -> f64 {
        ((now - self.beat) / self.period).rem_euclid(1.0)
    }

    /// How much of the beat has passed at a time, and how many beats there were up to the one that it follows.
    pub fn last(&self, now: f64) -> (f64, u64) {
        let beats = (now - self.beat) / self.period;
        (beats - beats.floor(), self.count.saturating_add_signed(beats.floor() as i64))
    }

    /// The beat nearest to a time: its place in ticks, and how many there were up to it.
    pub fn nearest(&self, now: f64) -> (f64, u64) {
        let beats = ((now - self.beat) / self.period).round();
        (self.beat + beats * self.period, self.count.saturating_add_signed(beats as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pointer of a perfect beat, known only to `grain` ticks.
    fn estimate(now: f64, period: f64, grain: f64) -> Estimate {
        let since = ((now % period) / grain).round() * grain;
        Estimate { period: period.round(), phase: (since / period).rem_euclid(1.0) }
    }

    #[test]
    fn a_coarse_pointer_is_smoothed_to_an_even_beat() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        let period = 46.875;
        for now in 0..3000 {
            wheel.hear(f64::from(now), estimate(f64::from(now), period, 1.0));
        }
        assert!((wheel.period() / period - 1.0).abs() < 1e-3, "{}", wheel.period());
        let (beat, _) = wheel.nearest(3000.0);
        assert!((beat - 64.0 * period).abs() < 0.3, "{beat}");
    }

    #[test]
    fn another_tempo_is_followed_once_patience_is_over_and_no_sooner() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        for now in 0..1000 {
            wheel.hear(f64::from(now), estimate(f64::from(now), 50.0, 0.1));
        }
        let mut anew = (1000..2000).filter(|now| wheel.hear(f64::from(*now), estimate(f64::from(*now), 40.0, 0.1)));
        let first = anew.next().expect("follows");
        assert!((1075..1200).contains(&first), "{first}");
        assert_eq!(anew.next(), None);
        assert!((wheel.period() - 40.0).abs() < 0.1);
    }

    #[test]
    fn beats_are_counted_one_by_one() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        let mut counts: Vec<u64> = Vec::new();
        for now in 0..2000 {
            let now = f64::from(now);
            wheel.hear(now, estimate(now, 50.0, 0.1));
            counts.push(wheel.nearest(now).1);
        }
        let steps = counts[200..].windows(2).filter(|pair| pair[1] != pair[0]).count();
        assert_eq!(steps, 36);
        assert!(counts[200..].windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1));
    }
}
