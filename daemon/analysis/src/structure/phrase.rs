//! Phrases: groups of bars.

use super::grid::{Grid, Step};

/// Counts bars and votes on where the groups of 4, 8 and 16 start.
pub(super) struct Phrase {
    /// The current bar, counted from the first downbeat.
    bar: usize,
    /// Beats since it started.
    beats: u8,
    /// For each bar of sixteen, the amount of change there.
    scores: [f32; LONGEST],
    /// The bar of sixteen that starts a phrase.
    first: usize,
    /// Bars in a phrase.
    length: usize,
    confidence: f32,
}

const LONGEST: usize = 16;
/// The share of four-bar changes that must fall on every eighth bar for phrases of eight.
const EIGHT: f32 = 0.65;
/// A phrase of sixteen needs this many votes for one bar, and next to none for the bar eight later.
const SIXTEEN: f32 = 3.5;
/// The share of the votes kept per bar.
const KEEPS: f32 = 0.985;

impl Phrase {
    pub fn new() -> Self {
        Self { bar: 0, beats: 0, scores: [0.0; LONGEST], first: 0, length: 8, confidence: 0.0 }
    }

    /// Takes a beat; `novelty` is that of the beats before, and a section may have started at the last downbeat.
    pub fn step(&mut self, step: &Step, novelty: f32, section: bool) {
        self.beats = self.beats.saturating_add(1);
        if step.beat == 0 || self.beats >= 2 * step.beats {
            self.bar += 1;
            self.beats = 0;
            self.scores.iter_mut().for_each(|score| *score *= KEEPS);
        }
        if section {
            self.vote(self.bar, 1.0 + novelty);
        }
    }

    fn vote(&mut self, bar: usize, weight: f32) {
        self.scores[bar % LONGEST] += weight;
        let eight = |first: usize| self.scores[first % LONGEST] + self.scores[(first + 8) % LONGEST];
        let four = |first: usize| eight(first) + eight(first + 4);
        let total: f32 = self.scores.iter().sum::<f32>().max(1e-6);
        let best = (0..LONGEST).map(|k| bar + k).max_by(|a, b| {
            let score = |first: usize| eight(first) + 0.5 * four(first) + 0.1 * self.scores[first % LONGEST];
            score(*a).total_cmp(&score(*b)).then(b.cmp(a))
        });
        self.first = best.unwrap_or(bar) % LONGEST;
        let (once, twice, often) = (self.scores[self.first], eight(self.first), four(self.first));
        self.length = if twice < EIGHT * often {
            4
        } else if once > SIXTEEN && once > 0.9 * twice {
            16
        } else {
            8
        };
        let explained = if self.length == 4 { often } else { twice };
        // A single vote agrees with itself: it takes two or three.
        self.confidence = (explained / total * (total / (total + 1.5))).clamp(0.0, 1.0);
    }

    /// A drop starts a phrase.
    pub fn anchor(&mut self, grid: &Grid) {
        let (offset, _) = grid.offset();
        // The drop may come just before its beat is counted.
        let bar = if offset < 0.0 { self.bar + 1 } else { self.bar };
        self.vote(bar, 2.0);
        self.first = bar % LONGEST;
        self.length = self.length.max(8);
    }

    /// Bars in a phrase, and the number of this one.
    pub fn place(&self) -> (u8, u8) {
        (self.length as u8, ((self.bar + LONGEST - self.first) % self.length) as u8)
    }

    pub fn confidence(&self) -> f32 {
        self.confidence
    }

    /// The nearness of the next phrase, 0 to 1: 1 on its downbeat.
    pub fn nearness(&self, grid: &Grid) -> f32 {
        let step = grid.step();
        let (bars, bar) = self.place();
        let done = (f32::from(bar) + f32::from(step.beat) / f32::from(step.beats.max(1))) / f32::from(bars);
        done.clamp(0.0, 1.0)
    }
}
