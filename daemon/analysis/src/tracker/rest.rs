//! Holds a steady tempo.
//!
//! The [`Flywheel`] follows the last few beats, so its tempo always wavers by a few tenths of a percent. When beats
//! have agreed with one tempo for long, it is known far better: the error of a straight line through n of them falls as
//! n^-1.5. Such a tempo is held until the beats leave the line. A person's tempo drifts: each beat then errs to the
//! side of the one before it, and the line says nothing.

use super::flywheel::Flywheel;
use super::line::Line;

/// Measures the beats and draws the lines.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    rate: f64,
    measured: Option<Measured>,
    /// The usual weight of a beat.
    usual: f64,
    /// Through the beats since the tempo last changed, and through the last few of these.
    whole: Line,
    recent: Line,
    /// The newest beat of the lines: its count, and its approximate time.
    count: u64,
    origin: f64,
    /// The mean square of the beats' distance from the line, in ticks, and the mean product of neighbours.
    variance: f64,
    covariance: f64,
    last: f64,
    /// Number of successive beats off the line, to the same side.
    off: i32,
    kept: Option<Kept>,
}

/// The beats kept: the place and count of one of them, and the ticks between them.
#[derive(Clone, Copy, Debug)]
struct Kept {
    beat: f64,
    count: u64,
    period: f64,
}

/// The current beat.
#[derive(Clone, Copy, Debug)]
struct Measured {
    count: u64,
    weight: f64,
    moment: f64,
}

/// How far from the beat a mark belongs to it, in beats; a sixteenth note is outside.
const REACH: f64 = 0.11;
/// Minimum weight of a beat that counts: this share of the usual, and that of one barely sure mark.
const HEARD: f64 = 0.3;
const LEAST: f64 = 0.02;
/// How fast the usual weight is learnt, and how fast it falls without beats.
const LEARNS: f64 = 0.1;
const DOUBTS: f64 = 0.05;
/// Memory of the lines, in beats: half a minute of a song is enough for a tempo to a few millionths.
const MEMORY: f64 = 128.0;
const RECENT: f64 = 16.0;
/// Beats in the spread.
const SPREAD_BEATS: u32 = 24;
/// Minimum beats before a tempo rests: four bars.
const ENOUGH: u32 = 16;
/// Minimum beats before comparing a beat with the line.
const FEW: u32 = 4;
/// A beat is off the line beyond this many standard deviations, and beyond 8 ms, since instruments differ in delay by
/// less.
const OFF: f64 = 4.0;
const OFF_SECONDS: f64 = 0.008;
/// While the tempo rests, beats up to this many standard deviations count for the spread: those that leave the line
/// must not widen it.
const USUAL: f64 = 2.5;
/// This many beats off the line on the same side are another tempo.
const LEFT: i32 = 2;
/// Maximum difference between the recent period and the overall one, in standard errors.
const BENT: f64 = 3.5;
/// And the maximum distance of the two lines' ends, in seconds.
const STRAYED_SECONDS: f64 = 0.008;
/// The spread that does not average out, below which a tempo rests and above which it no longer does, in seconds:
/// machines have 1 to 8 ms, drummers 16 and more.
const CALM_SECONDS: f64 = 0.0125;
const STIRRED_SECONDS: f64 = 0.0185;
/// Maximum correlation of neighbouring beats.
const ALIKE: f64 = 0.8;
/// Difference in delay between parts of a song, which no number of beats averages out.
const BIAS_SECONDS: f64 = 0.001;
/// The line yields to the flywheel when they are further apart than this many beats: soon the beat would move.
const APART: f64 = 0.1;
/// Machines are set to whole tempi, or to halves; the nearest within this many standard errors counts.
const LEAN: f64 = 2.0;
const UNITS: [f64; 2] = [1.0, 0.5];
/// Minimum distance of two such tempi in standard errors, so that being near one is not chance.
const APART_ENOUGH: f64 = 6.0;

impl Rest {
    /// Starts without a resting tempo. `rate` is in ticks per second.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            measured: None,
            usual: 0.0,
            whole: Line::new(MEMORY),
            recent: Line::new(RECENT),
            count: 0,
            origin: 0.0,
            variance: 0.0,
            covariance: 0.0,
            last: 0.0,
            off: 0,
            kept: None,
        }
    }

    /// Takes the likelihood of a beat at the time `now`, in ticks, and the flywheel, whose beat may just have moved.
    /// Realtime-safe: yes.
    pub fn process(&mut self, now: f64, activation: f32, wheel: &Flywheel, anew: bool) {
        if anew || self.is_far(now, wheel) {
            self.reset();
        }
        let (beat, count) = self.nearest(now).unwrap_or_else(|| wheel.nearest(now));
        let period = self.period().unwrap_or(wheel.period());
        if (now - beat).abs() < REACH * period {
            let same = self.measured.filter(|measured| measured.count == count);
            let mut measured = same.unwrap_or(Measured { count, weight: 0.0, moment: 0.0 });
            // Squared, so that the peak counts rather than its surroundings.
            let weight = f64::from(activation).powi(2);
            measured.weight += weight;
            measured.moment += weight * now;
            self.measured = Some(measured);
        } else if let Some(measured) = self.measured.take() {
            self.finish(measured, wheel.period());
        }
    }

    /// The beats have moved: forgets them. Realtime-safe: yes.
    pub fn reset(&mut self) {
        let (rate, usual) = (self.rate, self.usual);
        *self = Self { usual, ..Self::new(rate) };
    }

    /// Ticks per beat, if the tempo rests.
    pub fn period(&self) -> Option<f64> {
        self.kept.map(|kept| kept.period)
    }

    /// The beat nearest to a time, and its count, if the tempo rests.
    pub fn nearest(&self, now: f64) -> Option<(f64, u64)> {
        self.kept.map(|Kept { beat, count, period }| {
            let beats = ((now - beat) / period).round();
            (beat + beats * period, count.saturating_add_signed(beats as i64))
        })
    }

    /// Whether the flywheel has gone elsewhere.
    fn is_far(&self, now: f64, wheel: &Flywheel) -> bool {
        self.nearest(now).is_some_and(|(beat, _)| {
            let apart = (wheel.nearest(beat).0 - beat).abs();
            apart > APART * wheel.period()
        })
    }

    /// A beat is over: its place is known. `period` is the flywheel's.
    fn finish(&mut self, measured: Measured, period: f64) {
        let Measured { count, weight, moment } = measured;
        if weight < LEAST * LEAST || weight < HEARD * self.usual {
            self.usual *= 1.0 - DOUBTS;
            return;
        }
        self.usual += (weight - self.usual) * if self.usual > 0.0 { LEARNS } else { 1.0 };
        self.take(count, moment / weight, period);
        self.decide();
    }

    /// Adds the beat of this count at this time.
    fn take(&mut self, count: u64, time: f64, period: f64) {
        if self.whole.beats() == 0 {
            return self.begin(count, time);
        }
        if count <= self.count {
            return;
        }
        let beats = (count - self.count) as f64;
        let guess = beats * if self.whole.beats() >= FEW { self.whole.period() } else { period };
        self.whole.move_on(beats, guess);
        self.recent.move_on(beats, guess);
        self.count = count;
        self.origin += guess;
        let late = time - self.origin;
        if self.whole.beats() >= FEW {
            let off = late - self.whole.beat(self.whole.period());
            let usual = self.variance.sqrt();
            let most = (OFF * usual).max(OFF_SECONDS * self.rate);
            let counts = if self.kept.is_some() { USUAL * usual } else { most };
            self.learn_spread(off.clamp(-counts, counts));
            if off.abs() > most {
                let side = if off > 0.0 { 1 } else { -1 };
                self.off = if self.off.signum() == side { self.off + side } else { side };
                if self.off.abs() >= LEFT {
                    self.reset();
                    self.begin(count, time);
                }
                return;
            }
        }
        self.off = 0;
        self.whole.add(late);
        self.recent.add(late);
    }

    fn begin(&mut self, count: u64, time: f64) {
        (self.count, self.origin) = (count, time);
        self.variance = (OFF_SECONDS * self.rate).powi(2);
        self.whole.add(0.0);
        self.recent.add(0.0);
    }

    fn learn_spread(&mut self, off: f64) {
        let share = 1.0 / f64::from(self.whole.beats().min(SPREAD_BEATS));
        self.variance += (off * off - self.variance) * share;
        self.covariance += (off * self.last - self.covariance) * share;
        self.last = off;
    }

    /// The tempo, if it rests now.
    fn decide(&mut self) {
        if self.whole.beats() < FEW {
            return;
        }
        let spread = self.lasting_spread();
        let error = self.error(&self.whole, spread);
        let (whole, recent) = (self.whole.period(), self.recent.period());
        let bent = (recent - whole).abs() > BENT * self.error(&self.recent, spread).hypot(error);
        let strayed = (self.recent.beat(recent) - self.whole.beat(whole)).abs() > STRAYED_SECONDS * self.rate;
        if bent || strayed {
            // Only the last few beats agree now.
            self.whole.begin_with(&self.recent, FEW);
            self.kept = None;
        }
        let most = if self.kept.is_some() { STIRRED_SECONDS } else { CALM_SECONDS };
        if self.whole.beats() < ENOUGH || spread > most * self.rate {
            self.kept = None;
            return;
        }
        let period = self.lean(self.whole.period(), error);
        self.kept = Some(Kept { beat: self.origin + self.whole.beat(period), count: self.count, period });
    }

    /// The beats' distance from the line, in ticks, as far as it does not average out: correlated neighbours say less.
    fn lasting_spread(&self) -> f64 {
        let alike = (self.covariance / self.variance).clamp(0.0, ALIKE);
        (self.variance * (1.0 + alike) / (1.0 - alike)).sqrt()
    }

    /// The standard error of a line's period, in ticks.
    fn error(&self, line: &Line, spread: f64) -> f64 {
        (spread / line.spread().sqrt()).hypot(BIAS_SECONDS * self.rate / line.length())
    }

    /// The whole tempo nearest to a period with such an error, or the period itself.
    fn lean(&self, period: f64, error: f64) -> f64 {
        let minute = 60.0 * self.rate;
        let tempo = minute / period;
        let error = tempo * error / period;
        UNITS
            .into_iter()
            .filter(|unit| APART_ENOUGH * error < *unit)
            .map(|unit| (tempo / unit).round() * unit)
            .find(|whole| (whole - tempo).abs() <= LEAN * error)
            .map_or(period, |whole| minute / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 100.0;

    /// Marked beats, a wavering flywheel around them, and the resting tempo.
    struct Stage {
        rest: Rest,
        wheel: Flywheel,
        beats: Vec<f64>,
        now: u32,
        dice: u64,
    }

    impl Stage {
        fn new() -> Self {
            let (rest, wheel) = (Rest::new(RATE), Flywheel::new(RATE, (45.0, 220.0)));
            Self { rest, wheel, beats: vec![50.0], now: 0, dice: 2024 }
        }

        /// From -1 to 1.
        fn roll(&mut self) -> f64 {
            self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.dice >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        }

        /// A beat this many ticks after the last one; its mark is up to `jitter` ticks off.
        fn beat(&mut self, period: f64, jitter: f64) {
            let late = jitter * self.roll();
            self.mark(period, late);
        }

        /// A beat this many ticks after the last one, with its mark this much later; until the beat is over.
        fn mark(&mut self, period: f64, late: f64) {
            let last = self.beats[self.beats.len() - 1];
            let beat = last + period;
            self.beats.push(beat);
            let marked = beat + late;
            let waver = 0.003 * self.roll();
            let count = self.beats.len() as u64;
            while f64::from(self.now) < beat + 0.3 * period {
                let now = f64::from(self.now);
                self.wheel.set(beat + waver * period, count, period * (1.0 + waver));
                let mark = (1.0 - (now - marked).abs() / 2.5).max(0.0) as f32;
                self.rest.process(now, mark, &self.wheel, false);
                self.now += 1;
            }
        }

        /// The distance of the reported beat from the last one, in ticks.
        fn error(&self) -> f64 {
            let beat = self.beats[self.beats.len() - 1];
            self.rest.nearest(beat).map_or(0.0, |(told, _)| told - beat)
        }

        fn tempo(&self) -> Option<f64> {
            self.rest.period().map(|period| 60.0 * RATE / period)
        }
    }

    #[test]
    fn a_machines_tempo_rests_after_four_bars_and_is_known_to_a_few_millionths_in_the_end() {
        // Half a period's standard error at n beats is 0.9 jitters / n^1.5.
        for (beats, most) in [(24, 1e-3), (64, 2e-4), (256, 5e-5)] {
            let (mut stage, tempo) = (Stage::new(), 123.37);
            (0..beats).for_each(|_| stage.beat(60.0 * RATE / tempo, 0.5));
            let told = stage.tempo().expect("rests");
            assert!((told / tempo - 1.0).abs() < most, "{told} after {beats} beats");
            assert!(stage.error().abs() < 0.3, "{} ticks off", stage.error());
        }
    }

    #[test]
    fn a_tempo_that_may_be_whole_is_told_as_that_to_the_last_digit() {
        for tempo in [124.0, 87.5] {
            let mut stage = Stage::new();
            (0..80).for_each(|_| stage.beat(60.0 * RATE / tempo, 0.5));
            for _ in 0..100 {
                stage.beat(60.0 * RATE / tempo, 0.5);
                assert!((stage.tempo().expect("rests") - tempo).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_tempo_beside_a_whole_one_is_told_as_what_it_is() {
        let mut stage = Stage::new();
        (0..250).for_each(|_| stage.beat(60.0 * RATE / 124.06, 0.5));
        let told = stage.tempo().expect("rests");
        assert!((told - 124.06).abs() < 0.01, "{told}");
    }

    #[test]
    fn a_step_is_left_within_two_beats() {
        for after in [0.96, 0.975, 1.025, 1.04] {
            let mut stage = Stage::new();
            (0..64).for_each(|_| stage.beat(50.0, 0.3));
            assert!(stage.tempo().is_some());
            (0..2).for_each(|_| stage.beat(50.0 * after, 0.3));
            assert!(stage.tempo().is_none(), "still rests at {after}");
        }
    }

    #[test]
    fn a_deck_that_is_pitched_slowly_is_never_told_twenty_milliseconds_away() {
        let mut stage = Stage::new();
        (0..128).for_each(|_| stage.beat(50.0, 0.2));
        let mut period = 50.0;
        for _ in 0..64 {
            period *= 1.0 - 5e-4;
            stage.beat(period, 0.2);
            assert!(stage.error().abs() < 2.0, "{} ticks off", stage.error());
        }
        assert!(stage.tempo().is_none());
    }

    #[test]
    fn one_beat_that_is_early_and_bars_without_any_change_nothing() {
        let mut stage = Stage::new();
        (0..64).for_each(|_| stage.beat(50.0, 0.2));
        let before = stage.tempo();
        stage.mark(50.0, -2.0);
        (0..4).for_each(|_| stage.beat(50.0, 0.2));
        assert_eq!(stage.tempo(), before);
        // What is marked between the beats belongs to none.
        (0..16).for_each(|_| stage.mark(50.0, 20.0));
        (0..4).for_each(|_| stage.beat(50.0, 0.2));
        assert_eq!(stage.tempo(), before);
    }

    #[test]
    fn a_drummers_tempo_never_rests() {
        let mut stage = Stage::new();
        let (mut drift, mut rested) = (0.0, 0);
        for _ in 0..400 {
            // Each beat strays by 6 ms at most, and the tempo wanders about that of the click.
            drift = 0.9 * drift + 0.6 * stage.roll();
            stage.beat(50.0 + drift, 0.6);
            rested += u32::from(stage.tempo().is_some());
        }
        assert!(rested < 20, "{rested} of 400 beats");
    }

    #[test]
    fn what_was_kept_ends_where_the_flywheel_goes_elsewhere() {
        let mut stage = Stage::new();
        (0..64).for_each(|_| stage.beat(50.0, 0.2));
        let now = f64::from(stage.now);
        stage.wheel.set(now, 65, 50.0);
        stage.rest.process(now, 0.0, &stage.wheel, false);
        assert!(stage.tempo().is_none());
    }
}
