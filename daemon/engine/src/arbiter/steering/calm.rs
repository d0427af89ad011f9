//! Whether a small difference is worth another tempo: a told tempo that flickers everybody notices.

use super::NONE;
use downbeat_protocol::Timeline;

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

/// Whether a difference is worth another tempo.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    /// The tempo that the goal keeps, and for how many beats it has.
    tempo: f64,
    beats: f64,
    /// How far the goal is ahead, on average over the last beats, in beats.
    mean: f64,
    /// Whether the told line runs at the goal's own tempo.
    rests: bool,
}

impl Calm {
    /// The told line runs at the goal's own tempo.
    pub fn new(tempo: f64) -> Self {
        Self { tempo, beats: 0.0, mean: 0.0, rests: true }
    }

    /// Takes note of a goal that is `away` beats ahead, `beats` after the last time. Whether that can be left as it is.
    pub fn leaves(&mut self, goal: &Timeline, away: f64, beats: f64) -> bool {
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
