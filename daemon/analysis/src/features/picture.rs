//! Pictures of the sound: its waveform and its spectrum, short enough to travel with every row.

use super::{Entry, Feature};
use crate::frame::Frame;
use crate::leveller::{Leveller, decibels};
use crate::partition::Partition;
use crate::{Field, Settings, Unit};

/// The waveform of the middle: 32 points, oldest first, of about 21 ms from a rising zero crossing, so that a held note
/// stands still; ±1 is about the loudest of the last minute and a half. And the spectrum: 32 bands of equal width in
/// octaves from 30 Hz to 16 kHz in decibels, 0 for 60 dB below the loudest band so far, 1 for as loud.
///
/// No more points: a row of one bus must fit twice into a datagram (1150 bytes, two for each number), so that losing
/// one does no harm.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field { name: "waveform", len: POINTS, unit: Unit::Ratio, range: (-1.0, 1.0) },
        Field { name: "spectrum", len: BANDS, unit: Unit::Ratio, range: (0.0, 1.0) },
    ],
    build: |settings| Box::new(Picture::new(settings)),
};

const POINTS: usize = 32;
const BANDS: usize = 32;
/// Time between points of the waveform.
const POINT_SECONDS: f64 = 0.021 / 32.0;
/// Range of the search for a rising zero crossing: one cycle of 40 Hz.
const SEARCH_SECONDS: f64 = 0.025;
const LOWEST_HERTZ: f64 = 30.0;
const HIGHEST_HERTZ: f64 = 16_000.0;
/// The range of the spectrum.
const RANGE_DB: f32 = 60.0;
/// The initial references, below which nothing is scaled up: peaks, and bands.
const START_DB: f32 = -12.0;
const LEAST_DB: f32 = -50.0;
const START_BAND_DB: f32 = -24.0;
const LEAST_BAND_DB: f32 = -60.0;

struct Picture {
    /// The newest points, oldest first; each the mean of its samples.
    past: Vec<f32>,
    sum: f64,
    count: u32,
    /// Samples missing in the current point, with a fraction.
    missing: f64,
    samples_a_point: f64,
    peaks: Leveller,
    bands: Leveller,
    partition: Partition,
}

impl Picture {
    fn new(settings: &Settings) -> Self {
        let octaves = (HIGHEST_HERTZ / LOWEST_HERTZ).log2();
        let edges: [f64; BANDS + 1] =
            std::array::from_fn(|k| LOWEST_HERTZ * 2f64.powf(octaves * k as f64 / BANDS as f64));
        let samples_a_point = POINT_SECONDS * settings.sample_rate;
        Self {
            past: vec![0.0; POINTS + (SEARCH_SECONDS / POINT_SECONDS) as usize],
            sum: 0.0,
            count: 0,
            missing: samples_a_point,
            samples_a_point,
            peaks: Leveller::new(START_DB, settings),
            bands: Leveller::new(START_BAND_DB, settings),
            partition: Partition::of_frame(&edges, settings),
        }
    }

    fn slide(&mut self, samples: &[f32]) {
        for sample in samples {
            self.sum += f64::from(*sample);
            self.count += 1;
            self.missing -= 1.0;
            if self.missing <= 0.0 {
                self.missing += self.samples_a_point;
                self.past.copy_within(1.., 0);
                if let Some(newest) = self.past.last_mut() {
                    *newest = (self.sum / f64::from(self.count)) as f32;
                }
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    fn wave(&mut self, values: &mut [f32]) {
        let rises = |at: &usize| self.past[*at - 1] <= 0.0 && self.past[*at] > 0.0;
        // The newest crossing that leaves room; any place if there is none.
        let first = (1..=self.past.len() - POINTS).rev().find(rises).unwrap_or(self.past.len() - POINTS);
        let wave = &self.past[first..first + POINTS];
        let peak = self.past.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        self.peaks.ratio(decibels(peak * peak), LEAST_DB);
        let scale = 10f32.powf(-self.peaks.reference_db().max(LEAST_DB) / 20.0);
        for (value, sample) in values.iter_mut().zip(wave) {
            *value = (sample * scale).clamp(-1.0, 1.0);
        }
    }

    fn spectrum(&mut self, frame: &Frame, values: &mut [f32]) {
        self.partition.apply(frame.power(), values);
        values.iter_mut().for_each(|value| *value = decibels(*value));
        let loudest = values.iter().copied().fold(f32::MIN, f32::max);
        self.bands.ratio(loudest, LEAST_BAND_DB);
        let top = self.bands.reference_db().max(LEAST_BAND_DB);
        values.iter_mut().for_each(|value| *value = (1.0 + (*value - top) / RANGE_DB).clamp(0.0, 1.0));
    }
}

impl Feature for Picture {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        let (wave, spectrum) = values.split_at_mut(POINTS);
        self.slide(frame.mono());
        self.wave(wave);
        self.spectrum(frame, spectrum);
    }

    fn freeze_levels(&mut self, frozen: bool) {
        self.peaks.freeze(frozen);
        self.bands.freeze(frozen);
    }
}
