//! Moves the reported timeline to its goal, without visible jumps.
//!
//! Two lines: the *goal*, which may change at any moment, and the *told* one, which is reported and which everyone
//! extrapolates. Its beat count therefore never runs backwards and never steps by more than half a beat. A slightly
//! different tempo slews small differences away. Larger ones are corrected at a beat, or at once when a person asks:
//! forwards by a step; backwards, where steps are not allowed, by waiting at the slowest tempo.

mod calm;

use calm::Calm;
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Maximum tempo deviation while slewing: 3 % is still below what a dancer notices (about 4 %), and enough to stay with
/// a band that speeds up by 5 % a second.
const SLEW: f64 = 0.03;
/// Beats in which slewing reduces a small difference to a third. Long enough to even out a tracker's jitter.
const SLEW_BEATS: f64 = 2.0;
/// A difference up to this many beats is slewed even on request.
const SMALL: f64 = 0.03;
/// A difference from this many beats on is corrected even without a request.
const LARGE: f64 = 0.08;
/// A difference below this many beats is ignored: the tempo stays exactly the same.
const NONE: f64 = 0.0005;

/// How soon to remove a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pace {
    /// Gradually.
    Slew,
    /// At the next beat.
    AtBeat,
    /// Now.
    AtOnce,
}

/// The reported line, its goal, and the way there.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    told: Timeline,
    goal: Timeline,
    pace: Pace,
    last: Option<ShowTime>,
    calm: Calm,
}

impl Steering {
    pub fn new(line: Timeline) -> Self {
        Self { told: line, goal: line, pace: Pace::Slew, last: None, calm: Calm::new(line.tempo) }
    }

    /// The reported line.
    pub fn told(&self) -> &Timeline {
        &self.told
    }

    /// Its goal: the report if nothing else changes.
    pub fn goal(&self) -> &Timeline {
        &self.goal
    }

    /// Sets the goal. Its beats are renumbered to be within half a beat of the reported ones.
    pub fn aim(&mut self, goal: Timeline, now: ShowTime, pace: Pace) {
        self.goal = goal;
        self.renumber(now);
        self.pace = self.pace.max(pace);
        // A new tempo counts from now, not from the next hop.
        if self.pace != Pace::AtOnce && (goal.tempo / self.told.tempo - 1.0).abs() > 2.0 * SLEW {
            self.tell(goal.tempo, now);
        }
    }

    /// Numbers the goal's beats to be within half a beat of the reported ones; returns its lead, in beats.
    fn renumber(&mut self, now: ShowTime) -> f64 {
        let away = self.goal.beats_at(now) - self.told.beats_at(now);
        let whole = Beats::whole(away.round());
        self.goal.beat_origin = self.goal.beat_origin - whole;
        (away - whole).as_f64()
    }

    /// Moves the start of bars, or changes their length. No beat moves.
    pub fn set_bars(&mut self, bar_origin: Beats, beats_per_bar: u8) {
        for line in [&mut self.told, &mut self.goal] {
            line.bar_origin = bar_origin;
            line.beats_per_bar = beats_per_bar;
        }
    }

    /// Multiplies the tempo, at once. The bar's first beat stays; the other beats fall between the old ones, or every
    /// second one is dropped.
    pub fn change_level(&mut self, factor: f64, now: ShowTime) -> Result<(), String> {
        let goal = self.goal;
        let tempo = goal.tempo * factor;
        if !(TEMPO_MIN..=TEMPO_MAX).contains(&tempo) {
            return Err(format!("{tempo:.0} BPM is out of range; the limits are {TEMPO_MIN} and {TEMPO_MAX}"));
        }
        let in_bar = Beats::from_f64((goal.beats_at(now) - goal.bar_origin).as_f64() * factor);
        // The bar origin within half a beat of the reported one, so that `aim` renumbers nothing.
        let bar_origin = Beats::whole((self.told.beats_at(now) - in_bar - Beats(Beats::MICRO / 2)).floor() + 1);
        let line = Timeline { tempo, time_origin: now, beat_origin: bar_origin + in_bar, bar_origin, ..goal };
        self.set_bars(bar_origin, goal.beats_per_bar);
        self.aim(line, now, Pace::AtOnce);
        Ok(())
    }

    /// Advances to `now`. True if a correction was made without a request.
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
mod tests;
