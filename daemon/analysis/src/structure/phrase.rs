//! Bars in groups.

use super::grid::{Grid, Step};

/// Counts bars and votes where the groups of 4, 8 and 16 begin.
pub(super) struct Phrase {
    /// The bar that is going on, counted from the first downbeat.
    bar: usize,
    /// Beats since it began.
    beats: u8,
    /// For each bar of sixteen, how much has changed there.
    scores: [f32; LONGEST],
    /// Which bar of sixteen begins a phrase.
    first: usize,
    /// Bars of a phrase.
    length: usize,
    confidence: f32,
}

const LONGEST: usize = 16;
/// The share of what changes every four bars that changes every eight, where phrases have eight.
const EIGHT: f32 = 0.65;
/// So many votes for one bar of sixteen, and next to none for the eighth after it, make a phrase of sixteen.
const SIXTEEN: f32 = 3.5;
/// What is kept of the votes from bar to bar.
const KEEPS: f32 = 0.985;

impl Phrase {
    pub fn new() -> Self {
        Self { bar: 0, beats: 0, scores: [0.0; LONGEST], first: 0, length: 8, confidence: 0.0 }
    }

    /// A beat has begun; `novelty` is that of the beats before, and a section may have begun with the last downbeat.
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
        // One vote agrees with itself: two or three make it believable.
        self.confidence = (explained / total * (total / (total + 1.5))).clamp(0.0, 1.0);
    }

    /// A drop begins a phrase.
    pub fn anchor(&mut self, grid: &Grid) {
        let (offset, _) = grid.offset();
        // The drop may be told just before its beat is counted.
        let bar = if offset < 0.0 { self.bar + 1 } else { self.bar };
        self.vote(bar, 2.0);
        self.first = bar % LONGEST;
        self.length = self.length.max(8);
    }

    /// Bars of a phrase, and which of them this is.
    pub fn place(&self) -> (u8, u8) {
        (self.length as u8, ((self.bar + LONGEST - self.first) % self.length) as u8)
    }

    pub fn confidence(&self) -> f32 {
        self.confidence
    }

    /// How near the next phrase is, 0 to 1: 1 on its downbeat.
    pub fn nearness(&self, grid: &Grid) -> f32 {
        let step = grid.step();
        let (bars, bar) = self.place();
        let done = (f32::from(bar) + f32::from(step.beat) / f32::from(step.beats.max(1))) / f32::from(bars);
        done.clamp(0.0, 1.0)
    }
}
