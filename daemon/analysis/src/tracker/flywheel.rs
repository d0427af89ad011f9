//! The even beat: a phase-locked loop on the onsets around the beat that the pointer has found.

use super::estimate::Estimate;

/// The reported beat: even at a steady tempo, quick to move when the pointer has settled on another, and free-running
/// when there is nothing to follow.
///
/// The pointer knows the beat to within its beat window; the loop finds the exact place of the onsets in it.
#[derive(Clone, Debug)]
pub(super) struct Flywheel {
    /// The last beat, in ticks from the start.
    beat: f64,
    /// Ticks per beat.
    period: f64,
    /// The count of that beat.
    count: u64,
    /// How long the pointer has been elsewhere, in ticks, and since when the beat has been in place.
    astray: f64,
    age: f64,
    /// The loop's speed relative to the usual, after the beat has moved.
    haste: f64,
    /// The usual activation around a beat, in sum.
    usual: f64,
    rate: f64,
    shortest: f64,
    longest: f64,
}

/// The loop's natural frequency in radians a second. Slower is steadier, faster follows a drummer.
const SPEED: f64 = 0.8;
/// Critically damped.
const DAMPING: f64 = 1.0;
/// The loop's speed just after the beat has moved, to correct the first guess soon.
const HASTE: f64 = 1.0;
const HASTE_SECONDS: f64 = 2.0;
/// How far from the beat an onset belongs to it, in beats; a sixteenth note is outside.
const REACH: f64 = 0.11;
/// Time constant of the usual activation, and the minimum sum worth following.
const USUAL_SECONDS: f64 = 2.0;
const LEAST_USUAL: f64 = 0.4;
/// The pointer's beat starts with its window, with the onsets expected in the middle: its lead, in beats; the exact
/// amount is left to the onsets.
pub(super) const AHEAD: f64 = 1.0 / 32.0;
const LEEWAY: f64 = 0.05;
/// When the pointer is further away than this many beats …
const FAR: f64 = 0.12;
/// … or its tempo differs by more than this share …
const OTHER_TEMPO: f64 = 0.04;
/// … for so many seconds, it is followed at once.
const PATIENCE_SECONDS: f64 = 0.8;
/// A beat just found is dropped sooner: after this many seconds, plus a share of its age.
const FIRST_PATIENCE_SECONDS: f64 = 0.15;
const PATIENCE_GROWS: f64 = 0.2;

impl Flywheel {
    /// A wheel at 120 BPM, or as near as the range in BPM allows. `rate` is in ticks per second.
    pub fn new(rate: f64, range: (f64, f64)) -> Self {
        Self {
            beat: 0.0,
            period: 60.0 * rate / 120f64.clamp(range.0, range.1),
            count: 0,
            astray: f64::INFINITY,
            age: 0.0,
            haste: 0.0,
            usual: LEAST_USUAL,
            rate,
            shortest: 60.0 * rate / range.1,
            longest: 60.0 * rate / range.0,
        }
    }

    /// Takes the pointer's position at the time `now`, in ticks, and the activation. Returns whether the beat has
    /// moved.
    pub fn process(&mut self, now: f64, estimate: Estimate, activation: f32) -> bool {
        let ahead = self.ahead(now, estimate);
        let stretch = estimate.period / self.period;
        if ahead.abs() < FAR && (stretch - 1.0).abs() < OTHER_TEMPO {
            self.astray = 0.0;
        } else {
            self.astray += 1.0;
        }
        self.age += 1.0;
        let patience = PATIENCE_SECONDS.min(FIRST_PATIENCE_SECONDS + self.age / self.rate * PATIENCE_GROWS);
        let anew = self.astray >= patience * self.rate;
        if anew {
            self.period = estimate.period;
            self.beat = now - (estimate.phase - AHEAD) * estimate.period;
            self.astray = 0.0;
            self.age = 0.0;
            self.haste = HASTE;
        } else {
            self.follow_onsets(now, f64::from(activation));
            self.follow_pointer(ahead);
        }
        self.haste *= (-1.0 / (HASTE_SECONDS * self.rate)).exp();
        self.period = self.period.clamp(self.shortest, self.longest);
        while now - self.beat >= self.period {
            self.beat += self.period;
            self.count += 1;
        }
        anew
    }

    /// Sets the period, in ticks, through this beat, with this count. Realtime-safe: yes.
    pub fn set(&mut self, beat: f64, count: u64, period: f64) {
        self.beat = beat;
        self.count = count;
        self.period = period.clamp(self.shortest, self.longest);
        self.astray = 0.0;
        self.age = 0.0;
        self.haste = HASTE;
    }

    /// Limits the period, in ticks.
    pub fn restrict(&mut self, shortest: f64, longest: f64) {
        self.shortest = shortest;
        self.longest = longest;
        self.period = self.period.clamp(shortest, longest);
    }

    /// Follows the pointer at once, wherever it is.
    pub fn forget(&mut self) {
        self.astray = f64::INFINITY;
    }

    /// Activation near the beat pulls it there: all of one beat together by a full step of the loop.
    fn follow_onsets(&mut self, now: f64, activation: f64) {
        let phase = self.last(now).0;
        let late = if phase < 0.5 { phase } else { phase - 1.0 };
        let near = if late.abs() < REACH { activation } else { 0.0 };
        let keeps = (-1.0 / (USUAL_SECONDS * self.rate)).exp();
        self.usual = self.usual * keeps + near * self.period * (1.0 - keeps);
        self.steer(late, self.period / self.rate * near / self.usual.max(LEAST_USUAL));
    }

    /// The pointer pulls the beat if it is more than a little away; steadily, because it has an opinion at any time.
    fn follow_pointer(&mut self, ahead: f64) {
        self.steer(ahead.clamp(-LEEWAY, LEEWAY) - ahead, 1.0 / self.rate);
    }

    /// One step of the loop towards a beat that is late by this many beats, for an observation that covers this many
    /// seconds.
    fn steer(&mut self, late: f64, seconds: f64) {
        let speed = SPEED * (1.0 + self.haste);
        let beats_a_second = self.rate / self.period;
        self.beat += 2.0 * DAMPING * speed * seconds * late * self.period;
        self.period += speed * speed * seconds / beats_a_second * late * self.period;
    }

    /// The pointer's lead over its expected position, in beats, -0.5 to 0.5.
    fn ahead(&self, now: f64, estimate: Estimate) -> f64 {
        let error = estimate.phase - AHEAD - (now - self.beat) / self.period;
        error - error.round()
    }

    /// Ticks per beat.
    pub fn period(&self) -> f64 {
        self.period
    }

    /// The phase at a time, and the count of the beat before it.
    pub fn last(&self, now: f64) -> (f64, u64) {
        let beats = (now - self.beat) / self.period;
        (beats - beats.floor(), self.count.saturating_add_signed(beats.floor() as i64))
    }

    /// The beat nearest to a time: its place in ticks, and its count.
    pub fn nearest(&self, now: f64) -> (f64, u64) {
        let beats = ((now - self.beat) / self.period).round();
        (self.beat + beats * self.period, self.count.saturating_add_signed(beats as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A perfect pointer for beats `period` ticks apart from 0 on, except that it only knows whole ticks.
    fn estimate(now: f64, period: f64) -> Estimate {
        let since = (now % period).round();
        Estimate { period: period.round(), phase: (since / period + AHEAD).rem_euclid(1.0) }
    }

    /// An onset that lasts two ticks around each beat.
    fn onset(now: f64, period: f64) -> f32 {
        let since = (now + 0.5 * period) % period - 0.5 * period;
        (1.0 - since.abs() / 2.0).max(0.0) as f32
    }

    fn turn(wheel: &mut Flywheel, ticks: std::ops::Range<u32>, period: f64) -> Vec<u32> {
        ticks
            .filter(|now| {
                let now = f64::from(*now);
                wheel.process(now, estimate(now, period), onset(now, period))
            })
            .collect()
    }

    #[test]
    fn a_coarse_pointer_is_smoothed_to_an_even_beat_on_the_onsets() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        let period = 46.875;
        turn(&mut wheel, 0..3000, period);
        assert!((wheel.period() / period - 1.0).abs() < 1e-3, "{}", wheel.period());
        let (beat, _) = wheel.nearest(3000.0);
        // Two milliseconds.
        assert!((beat - 64.0 * period).abs() < 0.2, "{beat}");
    }

    #[test]
    fn another_tempo_is_followed_once_patience_is_over_and_no_sooner() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        turn(&mut wheel, 0..1000, 50.0);
        let anew = turn(&mut wheel, 1000..2000, 40.0);
        assert!(anew.len() == 1 && (1075..1200).contains(&anew[0]), "{anew:?}");
        assert!((wheel.period() - 40.0).abs() < 0.1);
    }

    #[test]
    fn onsets_beside_the_beat_do_not_move_it() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        turn(&mut wheel, 0..1000, 50.0);
        for now in 1000..2000 {
            let now = f64::from(now);
            wheel.process(now, estimate(now, 50.0), onset(now + 12.5, 50.0));
        }
        let (beat, _) = wheel.nearest(2000.0);
        // Five milliseconds.
        assert!((beat - 2000.0).abs() < 0.5, "{beat}");
    }

    #[test]
    fn beats_are_counted_one_by_one() {
        let mut wheel = Flywheel::new(100.0, (60.0, 200.0));
        turn(&mut wheel, 0..200, 50.0);
        let mut counts: Vec<u64> = Vec::new();
        for now in 200..2000 {
            turn(&mut wheel, now..now + 1, 50.0);
            counts.push(wheel.nearest(f64::from(now)).1);
        }
        assert!(counts.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1));
        assert_eq!(counts[counts.len() - 1] - counts[0], 36);
    }
}
