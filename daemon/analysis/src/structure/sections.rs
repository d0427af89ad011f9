//! Where a new section begins.

use super::cell::{Cell, Cells};
use crate::field::COUNT_WRAP;

/// Compares the last beats with the same beats of the bars before, and tells a section when they differ by far more than
/// bars usually do: the checkerboard kernel of J. Foote ("Automatic audio segmentation using a measure of audio novelty",
/// ICME 2000), with nothing of the future but the section's own first beats.
pub(super) struct Sections {
    count: u16,
    /// Beats since the last section began.
    age: usize,
    /// How much bars usually differ, in decibels.
    usual: f32,
    novelty: f32,
    sounding: bool,
}

/// Bars that are compared with.
const BARS: usize = 4;
/// A section has at least so many beats.
const LEAST_BEATS: usize = 15;
/// How the difference of bars is remembered, per beat.
const LEARNS: f32 = 0.04;
/// The least difference that is told from none, in decibels.
const LEAST_DB: f32 = 2.2;
/// How many times the usual difference a section begins with.
const TIMES: f32 = 2.2;

impl Sections {
    pub fn new() -> Self {
        Self { count: 0, age: 0, usual: 3.0, novelty: 0.0, sounding: false }
    }

    /// Judges the newest cells, and says whether a section has begun.
    pub fn step(&mut self, cells: &Cells, quiet: bool) -> bool {
        self.age += 1;
        if quiet {
            self.sounding = false;
            self.novelty = 0.0;
            return false;
        }
        if !self.sounding {
            self.sounding = true;
            self.begin();
            return true;
        }
        let mut begun = false;
        let mut greatest = 0.0f32;
        let threshold = LEAST_DB.max(TIMES * self.usual);
        // Two beats tell a great change, three a smaller one.
        for (beats, times) in [(2, 1.3), (3, 1.0)] {
            let Some(difference) = difference(cells, beats, self.age) else { continue };
            let needed = threshold * times * self.grid_factor(cells.back(beats - 1), beats);
            greatest = greatest.max(difference / needed);
            if beats == 3 {
                let told = difference.min(1.5 * self.usual);
                self.usual += (told - self.usual) * LEARNS;
            }
            begun |= difference > needed && self.age >= LEAST_BEATS + beats;
        }
        self.novelty = (0.5 * greatest).clamp(0.0, 1.0);
        if begun {
            self.begin();
            self.age = 3;
        }
        begun
    }

    /// How much harder it is to begin here than at a downbeat some four bars after the last.
    fn grid_factor(&self, first: &Cell, beats: usize) -> f32 {
        let sure = first.step.bar_confidence;
        let downbeat = if first.step.beat == 0 { 1.0 } else { 1.0 + 0.8 * sure };
        let bars = (self.age as f32 - beats as f32) / f32::from(first.step.beats.max(1));
        let fours = (bars / 4.0 - (bars / 4.0).round()).abs() * 4.0;
        let phrase = if fours < 0.3 { 1.0 } else { 1.0 + 0.4 * sure };
        downbeat * phrase
    }

    /// A section begins with the beat that has just begun.
    pub fn begin(&mut self) {
        self.count = (self.count + 1) % COUNT_WRAP;
        self.age = 0;
    }

    pub fn count(&self) -> u16 {
        self.count
    }

    pub fn novelty(&self) -> f32 {
        self.novelty
    }
}

/// The mean difference, in decibels, between the newest `beats` cells and the same beats of the bars before, as far
/// as these belong to a section that is `age` beats old.
fn difference(cells: &Cells, beats: usize, age: usize) -> Option<f32> {
    let bar = usize::from(cells.back(0).step.beats.max(2));
    let bars = ((age.saturating_sub(beats)) / bar).min(BARS).min((cells.len() - beats.min(cells.len())) / bar);
    if bars == 0 {
        return None;
    }
    let mut sum = 0.0;
    for back in 0..beats {
        let now = cells.back(back);
        for band in 0..now.mel.len() {
            let before = (1..=bars).map(|k| cells.back(back + k * bar).mel[band]).sum::<f32>() / bars as f32;
            sum += (now.mel[band].max(-80.0) - before.max(-80.0)).abs();
        }
    }
    Some(sum / (beats * cells.back(0).mel.len()) as f32)
}
