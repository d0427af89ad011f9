//! The sound of one beat, and the row of the last ones.

use super::ear::Moment;
use super::grid::Step;
use crate::frame::MEL;

/// A finished beat, or half a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// The beat that it covers.
    pub step: Step,
    /// Its length.
    pub seconds: f32,
    /// Mean level of each mel band in decibels.
    pub mel: [f32; MEL],
    /// The hardest rise of the amplitude below 150 Hz.
    pub rise: f32,
    /// The mean and the maximum amplitude above.
    pub full: f32,
    pub peak: f32,
    /// Onsets per second.
    pub density: f32,
}

impl Default for Cell {
    fn default() -> Self {
        let step = Step::default();
        Self { step, seconds: 0.0, mel: [LEAST_DB; MEL], rise: 0.0, full: 0.0, peak: 0.0, density: 0.0 }
    }
}

/// Amplitudes below this count the same.
pub(super) const LEAST_DB: f32 = -100.0;

/// An amplitude in decibels.
pub(super) fn amplitude_db(amplitude: f32) -> f32 {
    20.0 * amplitude.max(1e-5).log10()
}

/// The current beat.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gathering {
    hops: f32,
    seconds: f32,
    mel: [f32; MEL],
    rise: f32,
    full: f32,
    peak: f32,
    onsets: f32,
    step: Step,
}

impl Gathering {
    pub fn process(&mut self, moment: &Moment) {
        self.hops += 1.0;
        self.seconds += moment.seconds;
        for (sum, band) in self.mel.iter_mut().zip(moment.mel) {
            *sum += band;
        }
        self.rise = self.rise.max(moment.rise);
        self.full += moment.full;
        self.peak = self.peak.max(moment.full);
        self.onsets += f32::from(u8::from(moment.onset));
    }

    /// Ends the cell, and starts the one of `next`.
    pub fn finish(&mut self, next: Step) -> Cell {
        let hops = self.hops.max(1.0);
        let cell = Cell {
            step: self.step,
            seconds: self.seconds,
            mel: self.mel.map(|sum| amplitude_db(sum / hops)),
            rise: self.rise,
            full: self.full / hops,
            peak: self.peak,
            density: self.onsets / self.seconds.max(0.05),
        };
        *self = Self { step: next, ..Self::default() };
        cell
    }
}

/// The last cells, in a ring.
pub(super) struct Cells {
    ring: Vec<Cell>,
    at: usize,
    heard: usize,
}

/// Number of cells kept: 32 bars.
const KEPT: usize = 128;

impl Cells {
    pub fn new() -> Self {
        Self { ring: vec![Cell::default(); KEPT], at: 0, heard: 0 }
    }

    pub fn push(&mut self, cell: Cell) {
        self.ring[self.at] = cell;
        self.at = (self.at + 1) % KEPT;
        self.heard = (self.heard + 1).min(KEPT);
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.heard
    }

    /// The cell this many before the newest.
    pub fn back(&self, back: usize) -> &Cell {
        &self.ring[(self.at + 2 * KEPT - 1 - back.min(KEPT - 1)) % KEPT]
    }

    /// The newest ones, newest first.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Cell> {
        (0..count.min(self.heard)).map(|back| self.back(back))
    }
}
