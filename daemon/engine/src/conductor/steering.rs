//! Brings the timeline that everyone is told to where it ought to be, without visible jumps.
//!
//! Two lines: the *goal*, which may change at any moment, and the *told* one, which everyone extrapolates and which
//! therefore has rules: its beat count never runs backwards and never steps by more than half a beat. Small
//! differences are slewed away by a slightly different tempo. Larger ones are corrected at a beat, or at once when a
//! person asks: forwards by a step; backwards, where no step is allowed, by waiting at the slowest tempo there is.

use downbeat_protocol::timeline::TEMPO_MIN;
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Tempo deviation at most while slewing: 3 % is still below what a dancer notices (about 4 %), and enough to stay with a
/// band that speeds up by 5 % a second.
const SLEW: f64 = 0.03;
/// Beats in which a small difference is slewed away to a third. Long enough to even out what shakes a tracker from one
/// beat to the next.
const SLEW_BEATS: f64 = 2.0;
/// A difference up to this many beats is slewed even when a correction was asked for.
const SMALL: f64 = 0.03;
/// A difference from this many beats on is corrected even when nobody asked for it.
const LARGE: f64 = 0.08;
/// A difference below this many beats is none: the tempo stays exactly as it is.
const NONE: f64 = 0.0005;
/// While the goal keeps its tempo, the told one is exactly that, too, up to this difference in nanoseconds: nobody notices
/// 3 ms, and a number that flickers everybody does.
const UNNOTICED: f64 = 3e6;
/// What does not average out over so many beats is a drift, from this many nanoseconds on: it is slewed away before it
/// adds up.
const DRIFT_BEATS: f64 = 8.0;
const DRIFT: f64 = 1.5e6;
/// A goal keeps its tempo when for so many beats that has not changed by more than this share of it.
const KEPT_BEATS: f64 = 2.0;
const KEPT: f64 = 2e-5;

/// How soon a difference is to be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pace {
    /// In its own time.
    Slew,
    /// At the next beat.
    AtBeat,
    /// Now.
    AtOnce,
}

/// The line that is told, the line that it ought to be, and how it gets there.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    told: Timeline,
    goal: Timeline,
    pace: Pace,
    last: Option<ShowTime>,
    calm: Calm,
}

/// Whether a difference is worth another tempo.
#[derive(Clone, Debug)]
struct Calm {
    /// The tempo that the goal keeps, and for how many beats it has.
    tempo: f64,
    beats: f64,
    /// How far the goal is ahead, on average over the last beats, in beats.
    mean: f64,
    /// Whether the told line runs at the goal's own tempo.
    rests: bool,
}

impl Calm {
    fn new(tempo: f64) -> Self {
        Self { tempo, beats: 0.0, mean: 0.0, rests: true }
    }

    /// Takes note of a goal that is `away` beats ahead, `beats` after the last time. Whether that can be left as it is.
    fn leaves(&mut self, goal: &Timeline, away: f64, beats: f64) -> bool {
        if (goal.tempo / self.tempo - 1.0).abs() > KEPT {
            (self.tempo, self.beats) = (goal.tempo, 0.0);
        }
        self.beats += beats;
        self.mean += (away - self.mean) * (1.0 - (-beats / DRIFT_BEATS).exp());
        let [away_ns, mean_ns] = [away, self.mean].map(|beats| beats.abs() * goal.beat_ns());
        let (unnoticed, kept) = (away_ns <= UNNOTICED, self.beats >= KEPT_BEATS);
        // Once it moves, it moves all the way.
        let drifts = if self.rests { mean_ns > DRIFT } else { self.mean.abs() > NONE };
        self.rests = kept && unnoticed && !drifts;
        self.rests
    }
}

impl Steering {
    pub fn new(line: Timeline) -> Self {
        Self { told: line, goal: line, pace: Pace::Slew, last: None, calm: Calm::new(line.tempo) }
    }

    /// What everyone is told.
    pub fn told(&self) -> &Timeline {
        &self.told
    }

    /// Where it is heading: what will be told when nothing else changes.
    pub fn goal(&self) -> &Timeline {
        &self.goal
    }

    /// Sets the goal. Its beats are renumbered so that it lies within half a beat of what is told.
    pub fn aim(&mut self, goal: Timeline, now: ShowTime, pace: Pace) {
        self.goal = goal;
        self.renumber(now);
        self.pace = self.pace.max(pace);
        // A new tempo holds from now on, not from the next hop on.
        if self.pace != Pace::AtOnce && (goal.tempo / self.told.tempo - 1.0).abs() > 2.0 * SLEW {
            self.tell(goal.tempo, now);
        }
    }

    /// Numbers the goal's beats so that it is within half a beat of what is told; how far ahead it then is, in beats.
    fn renumber(&mut self, now: ShowTime) -> f64 {
        let away = self.goal.beats_at(now) - self.told.beats_at(now);
        let whole = Beats::whole(away.round());
        self.goal.beat_origin = self.goal.beat_origin - whole;
        (away - whole).as_f64()
    }

    /// Begins the bars elsewhere, or makes them longer or shorter. No beat moves.
    pub fn set_bars(&mut self, bar_origin: Beats, beats_per_bar: u8) {
        for line in [&mut self.told, &mut self.goal] {
            line.bar_origin = bar_origin;
            line.beats_per_bar = beats_per_bar;
        }
    }

    /// Goes on to `now`. True when a correction was made that nobody had asked for.
    pub fn advance(&mut self, now: ShowTime) -> bool {
        let step = self.last.map_or(0, |last| now.since(last));
        let at_beat = self.last.is_some_and(|last| self.told.beats_at(now).floor() > self.told.beats_at(last).floor());
        self.last = Some(now);
        let away = self.renumber(now);
        let mut unasked = false;
        match self.pace {
            Pace::Slew if away.abs() >= LARGE => {
                self.pace = Pace::AtBeat;
                unasked = true;
            }
            Pace::AtBeat if away.abs() <= SMALL => self.pace = Pace::Slew,
            Pace::AtBeat if at_beat => self.pace = Pace::AtOnce,
            _ => {}
        }
        if self.pace == Pace::AtOnce {
            self.correct(away, now, step);
        } else {
            self.slew(away, now, step);
        }
        unasked
    }

    fn slew(&mut self, away: f64, now: ShowTime, step: i64) {
        let beats = step.max(0) as f64 / self.goal.beat_ns();
        let deviation = if self.calm.leaves(&self.goal, away, beats) || away.abs() < NONE {
            0.0
        } else {
            (away / SLEW_BEATS).clamp(-SLEW, SLEW)
        };
        self.tell(self.goal.tempo * (1.0 + deviation), now);
    }

    /// Forwards by a step; backwards by waiting, which takes several calls.
    fn correct(&mut self, away: f64, now: ShowTime, step: i64) {
        if away >= 0.0 {
            self.told = Timeline { beat_origin: self.goal.beats_at(now), time_origin: now, ..self.goal };
            self.pace = Pace::Slew;
        } else if away > -NONE {
            self.pace = Pace::Slew;
            self.tell(self.goal.tempo, now);
        } else {
            // The tempo that would arrive at the next call, if that comes as soon as this one did.
            let minutes = step.clamp(1_000_000, 20_000_000) as f64 / 60e9;
            self.tell((self.goal.tempo + away / minutes).clamp(TEMPO_MIN, self.goal.tempo), now);
        }
    }

    fn tell(&mut self, tempo: f64, now: ShowTime) {
        if self.told.tempo != tempo {
            self.told = self.told.with_tempo(tempo, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP: i64 = 5_333_333;

    fn steering() -> Steering {
        let mut steering = Steering::new(Timeline::default());
        steering.advance(ShowTime::ZERO);
        steering
    }

    /// A goal that is `beats` ahead of the default line.
    fn ahead(beats: f64) -> Timeline {
        Timeline { beat_origin: Beats::from_f64(beats), ..Timeline::default() }
    }

    fn away(steering: &Steering, now: ShowTime) -> f64 {
        (steering.goal().beats_at(now) - steering.told().beats_at(now)).as_f64()
    }

    /// Runs for a number of hops from `start`; the counts at each.
    fn run(steering: &mut Steering, start: ShowTime, hops: i64) -> Vec<f64> {
        (1..=hops)
            .map(|hop| {
                let now = start.offset(hop * HOP);
                steering.advance(now);
                steering.told().beats_at(now).as_f64()
            })
            .collect()
    }

    #[test]
    fn a_small_difference_is_slewed_within_three_percent() {
        for (difference, tempo) in [(0.02, 121.2), (0.079, 123.6)] {
            let mut steering = steering();
            steering.aim(ahead(difference), ShowTime::ZERO, Pace::Slew);
            steering.advance(ShowTime(HOP));
            assert!((steering.told().tempo - tempo).abs() < 0.05, "{}", steering.told().tempo);
            run(&mut steering, ShowTime(HOP), 2000);
            assert!(away(&steering, ShowTime(HOP * 2001)).abs() < 0.001);
        }
    }

    #[test]
    fn a_step_forward_waits_for_the_beat_and_is_made_there() {
        let mut steering = steering();
        steering.aim(ahead(0.3), ShowTime::ZERO, Pace::AtBeat);
        let counts = run(&mut steering, ShowTime::ZERO, 200);
        let step = counts.windows(2).find(|pair| pair[1] - pair[0] > 0.2).expect("a step");
        assert!(step[0] < 1.0 && step[0] > 0.97 && step[1] > 1.25, "{step:?}");
        assert!(away(&steering, ShowTime(HOP * 200)).abs() < 0.01);
    }

    #[test]
    fn a_step_back_becomes_a_wait_that_never_runs_backwards() {
        let mut steering = steering();
        let start = ShowTime::from_secs_f64(1.1);
        steering.advance(start);
        steering.aim(ahead(-0.4), start, Pace::AtOnce);
        let counts = run(&mut steering, start, 75);
        assert!(counts.is_sorted());
        assert!(away(&steering, start.offset(75 * HOP)).abs() < 0.001, "gone within 400 ms");
    }

    #[test]
    fn a_difference_that_grows_large_is_corrected_unasked() {
        let mut steering = steering();
        steering.aim(ahead(-0.2), ShowTime::ZERO, Pace::Slew);
        assert!(steering.advance(ShowTime(HOP)));
        run(&mut steering, ShowTime(HOP), 200);
        assert!(away(&steering, ShowTime(HOP * 201)).abs() < 0.001);
    }

    #[test]
    fn without_a_difference_the_line_stays_the_same_line() {
        let mut steering = steering();
        run(&mut steering, ShowTime::ZERO, 1000);
        assert_eq!(steering.told(), &Timeline::default());
    }

    /// The default line, as a tracker places it that is off by up to 2 ms, another way at each hop.
    fn shaken(hop: i64, tempo: f64, late: i64) -> Timeline {
        let noise = (hop * 7_919_000 % 4_000_001) - 2_000_000;
        Timeline { tempo, time_origin: ShowTime(noise + late), ..Timeline::default() }
    }

    #[test]
    fn a_goal_that_keeps_its_tempo_but_shakes_is_told_to_the_last_bit() {
        let mut steering = steering();
        for hop in 1..20_000 {
            let now = ShowTime(HOP * hop);
            steering.aim(shaken(hop, 120.0, 0), now, Pace::Slew);
            steering.advance(now);
            // Five bars, in which the first differences average out.
            assert!(hop < 2000 || steering.told().tempo == 120.0, "{} at hop {hop}", steering.told().tempo);
        }
    }

    #[test]
    fn what_does_not_average_out_is_slewed_away_though_nobody_would_notice_it() {
        let mut steering = steering();
        let start = 1000;
        for hop in 1..start + 4000 {
            let now = ShowTime(HOP * hop);
            steering.aim(shaken(hop, 120.0, if hop < start { 0 } else { 2_500_000 }), now, Pace::Slew);
            steering.advance(now);
        }
        let late = -steering.told().beats_at(ShowTime(2_500_000)).as_f64() * steering.told().beat_ns();
        assert!(late.abs() < 1.0e6, "{late} ns");
    }

    #[test]
    fn a_goal_whose_tempo_wavers_is_followed_as_closely_as_can_be() {
        let mut steering = steering();
        for hop in 1..=1000 {
            let now = ShowTime(HOP * hop);
            let tempo = if hop % 2 == 0 { 120.1 } else { 119.9 };
            steering.aim(ahead(0.0028).with_tempo(tempo, now), now, Pace::Slew);
            steering.advance(now);
        }
        assert!(away(&steering, ShowTime(HOP * 1000)).abs() < 0.001);
    }
}
