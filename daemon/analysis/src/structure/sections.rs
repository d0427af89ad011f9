//! Where a new section begins.

use super::cell::{Cell, Cells, LEAST_DB, amplitude_db};
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
    /// The loudest of late, in decibels.
    loudest: f32,
    /// The progress of the build-up at the last beats.
    grown: [f32; GROWN_BEATS],
    /// Beats for which nothing is judged, because of a rest.
    resting: u8,
}

/// Bars that are compared with.
const BARS: usize = 4;
/// A section has at least so many beats.
const LEAST_BEATS: usize = 15;
/// How the difference of bars is remembered, per beat.
const LEARNS: f32 = 0.03;
const UNLEARNS: f32 = 0.06;
/// The least difference that is told from none, in decibels.
const LEAST_DIFFERENCE_DB: f32 = 2.4;
/// How many times the usual difference a section begins with.
const TIMES: f32 = 1.6;
/// How much harder a section begins at the height of a build-up.
const GROWS: f32 = 2.2;
/// So many beats before.
const GROWN_BEATS: usize = 4;
/// More than this no band counts: a crash cymbal is loud in many, but changes not the half of the spectrum.
const MOST_DB: f32 = 10.0;

/// Bands that lie further below the loudest are not compared.
const FLOOR_DB: f32 = 55.0;
/// How fast the loudest is forgotten, per beat.
const FORGETS_DB: f32 = 0.1;
/// Who falls by so much within the first beats rings out.
const RINGS_OUT_DB: f32 = 6.0;
/// A beat that lies so far below is a rest, and says nothing about sections; nor do the next beats.
const REST_DB: f32 = 28.0;
const RESTED_BEATS: u8 = 2;

impl Sections {
    pub fn new() -> Self {
        Self {
            count: 0,
            age: 0,
            usual: 2.0,
            novelty: 0.0,
            sounding: false,
            loudest: -80.0,
            grown: [0.0; GROWN_BEATS],
            resting: 0,
        }
    }

    /// Judges the newest cells, and says whether a section has begun.
    pub fn step(&mut self, cells: &Cells, quiet: bool, build_up: f32) -> bool {
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
        let newest = cells.back(0).mel.iter().copied().fold(LEAST_DB, f32::max);
        self.loudest = newest.max(self.loudest - FORGETS_DB);
        if newest < self.loudest - REST_DB {
            self.resting = RESTED_BEATS;
        }
        if self.resting > 0 {
            self.resting -= 1;
            return false;
        }
        let mut begun = None;
        let mut greatest = 0.0f32;
        // What grows differs from itself all the time: only more than that is a section. Where it begins to grow is one.
        let grown = self.grown[GROWN_BEATS - 1];
        self.grown.rotate_right(1);
        self.grown[0] = build_up;
        let threshold = LEAST_DIFFERENCE_DB.max(TIMES * self.usual) * (1.0 + GROWS * grown);
        // Two beats tell a great change, three a smaller one.
        for (beats, times) in [(2, 1.1), (3, 1.0)] {
            let Some(difference) = difference(cells, beats, self.age, self.loudest - FLOOR_DB) else { continue };
            let needed = threshold * times * self.prior(cells.back(beats - 1), beats);
            greatest = greatest.max(difference / needed);
            if beats == 3 {
                let told = difference.min(1.5 * self.usual + 0.1);
                let speed = if told > self.usual { LEARNS * (1.0 - build_up) } else { UNLEARNS };
                self.usual += (told - self.usual) * speed;
            }
            if difference > needed && holds(cells, beats) && self.age >= LEAST_BEATS + beats {
                begun = Some(beats);
            }
        }
        self.novelty = (0.5 * greatest).clamp(0.0, 1.0);
        if let Some(beats) = begun {
            self.begin();
            self.age = beats;
        }
        begun.is_some()
    }

    /// How much harder it is to begin here than at a downbeat eight bars after the last section.
    fn prior(&self, first: &Cell, beats: usize) -> f32 {
        let sure = first.step.bar_confidence;
        let downbeat = if first.step.beat == 0 { 1.0 } else { 1.0 + 0.5 * sure };
        let bars = (self.age as f32 - beats as f32) / f32::from(first.step.beats.max(1));
        let from = |grid: f32| (bars - (bars / grid).round() * grid).abs();
        let phrase = if from(8.0) < 0.6 {
            0.9
        } else if from(4.0) < 0.6 {
            1.0
        } else {
            1.3
        };
        let young = if bars < 7.0 { 2.2 } else { 1.0 };
        downbeat * phrase * young
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

/// Whether the newest of `beats` cells is as loud as the first: what rings out is no section.
fn holds(cells: &Cells, beats: usize) -> bool {
    let level = |back: usize| amplitude_db(cells.back(back).full);
    level(0) > level(beats - 1) - RINGS_OUT_DB
}

/// The mean difference, in decibels, between the newest `beats` cells and the same beats of the bars before, as far
/// as these belong to a section that is `age` beats old.
fn difference(cells: &Cells, beats: usize, age: usize, floor: f32) -> Option<f32> {
    let bar = usize::from(cells.back(0).step.beats.max(2));
    let bars = ((age.saturating_sub(beats)) / bar).min(BARS).min((cells.len() - beats.min(cells.len())) / bar);
    if bars == 0 {
        return None;
    }
    let mut sum = 0.0;
    for back in 0..beats {
        let now = cells.back(back);
        for band in 0..now.mel.len() {
            let before = (1..=bars).map(|k| cells.back(back + k * bar).mel[band].max(floor)).sum::<f32>() / bars as f32;
            sum += (now.mel[band].max(floor) - before).abs().min(MOST_DB);
        }
    }
    Some(sum / (beats * cells.back(0).mel.len()) as f32)
}
