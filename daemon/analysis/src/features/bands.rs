//! The energy in eight named bands.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::leveller::{Leveller, decibels};
use crate::partition::Partition;
use crate::swing::Swing;
use crate::{Field, Settings};

/// The amplitude in each band, twice: relative to the loudest of the last minute and a half in that band, and between
/// the minimum and maximum of the last eight seconds.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("band.sub"),
        Field::ratio("band.bass"),
        Field::ratio("band.low"),
        Field::ratio("band.lowmid"),
        Field::ratio("band.mid"),
        Field::ratio("band.highmid"),
        Field::ratio("band.high"),
        Field::ratio("band.air"),
        Field::ratio("band-short.sub"),
        Field::ratio("band-short.bass"),
        Field::ratio("band-short.low"),
        Field::ratio("band-short.lowmid"),
        Field::ratio("band-short.mid"),
        Field::ratio("band-short.highmid"),
        Field::ratio("band-short.high"),
        Field::ratio("band-short.air"),
    ],
    build: |settings| Box::new(Bands::new(settings)),
};

const BANDS: usize = 8;

/// Where the bands meet, in Hz.
const EDGES: [f64; BANDS + 1] = [20.0, 60.0, 120.0, 250.0, 500.0, 2_000.0, 4_000.0, 8_000.0, 20_000.0];

struct Bands {
    partition: Partition,
    levelled: LevelledBands,
    swings: [Swing; BANDS],
}

impl Bands {
    fn new(settings: &Settings) -> Self {
        Self {
            partition: Partition::of_frame(&EDGES, settings),
            levelled: LevelledBands::new(BANDS, settings),
            swings: std::array::from_fn(|_| Swing::new(settings)),
        }
    }
}

impl Feature for Bands {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let (long, short) = values.split_at_mut(BANDS);
        self.partition.apply(frame.power(), long);
        self.levelled.level(long);
        // Works on the levelled signal: what the long view keeps dark is scaled up by 16 dB at most.
        for ((value, long), swing) in short.iter_mut().zip(long).zip(&mut self.swings) {
            *value = swing.ratio(*long);
        }
    }

    fn freeze_levels(&mut self, frozen: bool) {
        self.levelled.freeze(frozen);
        self.swings.iter_mut().for_each(|swing| swing.freeze(frozen));
    }
}

/// Turns powers into levels: each band has its own leveller, at most [`RELATIVE_DB`] below the loudest, so that a band
/// of mere hiss stays dark.
pub(super) struct LevelledBands {
    levellers: Vec<Leveller>,
}

/// The initial level of a band, in decibels.
const START_DB: f32 = -36.0;
/// Quieter levels are not scaled up.
const LEAST_DB: f32 = -70.0;
/// How far a band's reference may be below the loudest band's.
const RELATIVE_DB: f32 = -42.0;

impl LevelledBands {
    pub fn new(bands: usize, settings: &Settings) -> Self {
        Self { levellers: (0..bands).map(|_| Leveller::new(START_DB, settings)).collect() }
    }

    /// Whether the references are frozen.
    pub fn freeze(&mut self, frozen: bool) {
        self.levellers.iter_mut().for_each(|leveller| leveller.freeze(frozen));
    }

    /// Replaces powers with levels from 0 to 1.
    pub fn level(&mut self, bands: &mut [f32]) {
        let loudest = self.levellers.iter().map(Leveller::reference_db).fold(f32::MIN, f32::max);
        let least = (loudest + RELATIVE_DB).max(LEAST_DB);
        for (band, leveller) in bands.iter_mut().zip(&mut self.levellers) {
            *band = leveller.ratio(decibels(*band), least);
        }
    }
}
