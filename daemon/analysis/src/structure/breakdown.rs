//! Breakdowns: drums and bass drop out.

use super::cell::Cells;

/// Learns the usual strength of the low end, and measures how much of it is missing.
pub(super) struct Breakdown {
    usual_rise: f32,
    usual_fullness: f32,
    /// Seconds with the usual strength in the low end.
    driven: f32,
    ratio: f32,
    /// Beats with more breakdown than not.
    beats: f32,
}

/// How fast the usual strength is learnt, as a share per beat, and forgotten, in seconds to a half.
const LEARNS: f32 = 0.2;
const HALF_SECONDS: f32 = 120.0;
/// Seconds of drive needed before its absence counts.
const DRIVEN_SECONDS: f32 = 6.0;
/// Shares of the usual drive that count as none, and as enough.
const NONE: f32 = 0.2;
const ENOUGH: f32 = 0.5;

impl Breakdown {
    pub fn new() -> Self {
        Self { usual_rise: 0.0, usual_fullness: 0.0, driven: 0.0, ratio: 0.0, beats: 0.0 }
    }

    /// Judges the newest cells.
    pub fn step(&mut self, cells: &Cells, quiet: bool) {
        let cell = cells.back(0);
        if quiet {
            self.ratio = 0.0;
            return;
        }
        let keeps = 0.5f32.powf(cell.step.seconds.clamp(0.0, 2.0) / HALF_SECONDS);
        self.usual_rise = learn(self.usual_rise * keeps, cell.rise);
        self.usual_fullness = learn(self.usual_fullness * keeps, cell.peak);
        // The maximum of four beats: kicks need not fall on every beat.
        let strongest = cells.newest(2).map(|cell| cell.rise).fold(0.0, f32::max);
        let share = strongest / self.usual_rise.max(1e-9);
        if share > ENOUGH {
            self.driven = (self.driven + cell.step.seconds).min(10.0 * DRIVEN_SECONDS);
        }
        let known = (self.driven / DRIVEN_SECONDS).min(1.0);
        let target = known * ((ENOUGH - share) / (ENOUGH - NONE)).clamp(0.0, 1.0);
        let speed = if target > self.ratio { 0.4 } else { 0.6 };
        self.ratio += (target - self.ratio) * speed;
        self.beats = if self.ratio > 0.5 { self.beats + 1.0 } else { 0.0 };
    }

    /// Ends it, at a drop.
    pub fn end(&mut self) {
        self.ratio = 0.0;
    }

    pub fn ratio(&self) -> f32 {
        self.ratio
    }

    pub fn beats(&self) -> f32 {
        self.beats
    }

    /// The strength of the low end in a usual beat with drums; 0 before any.
    pub fn usual_rise(&self) -> f32 {
        self.usual_rise
    }

    /// The greatest amplitude above the low end in a usual beat.
    pub fn usual_fullness(&self) -> f32 {
        self.usual_fullness
    }
}

fn learn(usual: f32, now: f32) -> f32 {
    usual + (now - usual).max(0.0) * LEARNS
}
