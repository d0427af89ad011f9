//! Whether a small difference is worth a change of tempo: everyone notices a flickering number.

use super::NONE;
use downbeat_protocol::Timeline;

/// While the goal keeps its tempo, the reported one equals it, up to this difference in nanoseconds: no one notices 3
/// ms, but everyone notices a flickering number.
const UNNOTICED: f64 = 3e6;
/// A difference that does not average out over this many beats, and exceeds this many nanoseconds, is a drift: it is
/// slewed away before it adds up.
const DRIFT_BEATS: f64 = 8.0;
const DRIFT: f64 = 1.5e6;
/// A goal keeps its tempo if that has changed by less than this share for this many beats.
const KEPT_BEATS: f64 = 2.0;
const KEPT: f64 = 2e-5;

/// Whether a difference is worth a change of tempo.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    /// The tempo that the goal keeps, and for how many beats it has.
    tempo: f64,
    beats: f64,
    /// The goal's average lead over the last beats, in beats.
    mean: f64,
    /// Whether the reported line runs at the goal's own tempo.
    rests: bool,
}

impl Calm {
    /// Records that the reported line runs at the goal's own tempo.
    pub fn new(tempo: f64) -> Self {
        Self { tempo, beats: 0.0, mean: 0.0, rests: true }
    }

    /// Takes a goal that is `away` beats ahead, `beats` after the last time. Returns whether to leave it.
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
