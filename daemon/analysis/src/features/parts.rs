//! Levels of drums, bass, voices and the rest in a mix without stems.

use super::{Entry, Feature};
use crate::biquad::Biquad;
use crate::frame::Frame;
use crate::leveller::{Leveller, decibels};
use crate::medians::{Medians, Sliding};
use crate::{Field, Settings};
use std::ops::Range;

/// The level of each part relative to the loudest of the last minute and a half, and how clearly the parts differ. It
/// is a guess from common properties: a sound that starts everywhere in the spectrum at once is drums, a sustained one
/// is harmony, or bass below 250 Hz; a tonal one that does not last is a voice, if it is in the middle of the mix.
///
/// D. FitzGerald: "Harmonic/percussive separation using median filtering", DAFx 2010, with a median over the past only,
/// and a residual as in J. Driedger, M. Müller, S. Disch: "Extending harmonic-percussive separation of audio signals",
/// ISMIR 2014.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("part.drums"),
        Field::ratio("part.bass"),
        Field::ratio("part.vocals"),
        Field::ratio("part.other"),
        Field::ratio("part-confidence"),
    ],
    build: |settings| Box::new(Parts::new(settings)),
};

const PARTS: usize = 4;
const DRUMS: usize = 0;
const BASS: usize = 1;
const VOCALS: usize = 2;
const OTHER: usize = 3;

/// Interval of the analysis.
const STEP_SECONDS: f64 = 0.016;
/// Intervals in the median over time: what lasts for half of it, 0.1 s, counts as held.
const LOOKS: usize = 12;
/// Neighbouring bands in the median over frequency: half a kilohertz where the bands are finest, wider than the gap
/// between two partials of most notes.
const NEIGHBOURS: usize = 21;
/// Below this, in Hz, there are too few bins to tell a tone from a stroke by its shape.
const LOW_HERTZ: f64 = 250.0;
/// The range of voices, in Hz.
const VOICE_HERTZ: Range<f64> = 200.0..4_000.0;
/// The upper frequency up to which each band has this many bins of 23 Hz.
const RESOLUTION: [(f64, usize); 4] = [(1_500.0, 1), (3_000.0, 2), (6_000.0, 4), (16_000.0, 16)];
/// How fast a part falls off when it ends.
const FALL_SECONDS: f64 = 0.08;
/// The initial level of a part, in decibels.
const START_DB: f32 = -36.0;
/// Quieter levels are not scaled up.
const LEAST_DB: f32 = -70.0;
/// How far a part's reference may be below the loudest part's: leakage between parts stays dark.
const RELATIVE_DB: f32 = -15.0;

struct Parts {
    bands: Vec<Band>,
    steps: usize,
    hops_left: usize,
    energies: Vec<f32>,
    amplitudes: Vec<f32>,
    held: Medians,
    broad: Sliding,
    middle: Biquad,
    side: Biquad,
    /// The power of the middle and of the sides since the last look.
    width: [f64; 2],
    powers: [f32; PARTS],
    fall: f32,
    levellers: [Leveller; PARTS],
    confidence: f32,
}

/// Bins averaged together.
struct Band {
    bins: Range<usize>,
    is_low: bool,
    is_voice: bool,
}

impl Parts {
    fn new(settings: &Settings) -> Self {
        let spectrum = crate::spectrum::Spectrum::new(crate::spectrum::Shape::Prompt, settings.sample_rate);
        let bands = bands(spectrum.bins(), spectrum.bin_hertz());
        let count = bands.len();
        let steps = settings.hops(STEP_SECONDS);
        let quality = std::f64::consts::FRAC_1_SQRT_2;
        let corner = VOICE_HERTZ.start;
        Self {
            steps,
            hops_left: steps,
            energies: vec![0.0; count],
            amplitudes: vec![0.0; count],
            held: Medians::new(count, LOOKS),
            broad: Sliding::new(NEIGHBOURS),
            middle: Biquad::high_pass(corner, quality, settings.sample_rate),
            side: Biquad::high_pass(corner, quality, settings.sample_rate),
            width: [0.0; 2],
            powers: [0.0; PARTS],
            fall: (-(steps as f64) * settings.hop_seconds() / FALL_SECONDS).exp() as f32,
            levellers: std::array::from_fn(|_| Leveller::new(START_DB, settings)),
            confidence: 0.0,
            bands,
        }
    }

    fn listen_for_width(&mut self, frame: &Frame) {
        let [left, right] = frame.sides();
        for (left, right) in left.iter().zip(right) {
            let (middle, side) = frame.view().middle_and_side(*left, *right);
            self.width[0] += self.middle.run(f64::from(middle)).powi(2);
            self.width[1] += self.side.run(f64::from(side)).powi(2);
        }
        self.middle.settle();
        self.side.settle();
    }

    /// From 0, with equal power in the middle and at the sides, to 1, with no power at the sides.
    fn take_centre(&mut self) -> f32 {
        let [middle, side] = std::mem::take(&mut self.width);
        if middle > 0.0 { (1.0 - side / middle).max(0.0) as f32 } else { 0.0 }
    }

    fn look(&mut self, frame: &Frame) {
        let centre = self.take_centre();
        let power = frame.power();
        for ((energy, amplitude), band) in self.energies.iter_mut().zip(&mut self.amplitudes).zip(&self.bands) {
            *energy = power[band.bins.clone()].iter().sum();
            *amplitude = energy.sqrt();
        }
        let held = self.held.process(&self.amplitudes);
        let broad = self.broad.over(&self.amplitudes);
        let mut parts = [0.0f32; PARTS];
        let (mut clear, mut all) = (0.0, 0.0);
        for (place, band) in self.bands.iter().enumerate() {
            let (energy, amplitude, stays) = (self.energies[place], self.amplitudes[place], held[place]);
            // At low frequencies, rising and decaying sounds are drums.
            let strikes = if band.is_low { (amplitude - stays).abs() } else { broad[place] };
            let changes = if band.is_low { 0.0 } else { (amplitude - stays.max(strikes)).max(0.0) };
            let stays = if band.is_low { stays.min(amplitude) } else { stays };
            let [stays, strikes, changes] = [stays, strikes, changes].map(|x| x * x);
            let total = stays + strikes + changes;
            if total <= f32::MIN_POSITIVE {
                continue;
            }
            let share = |x: f32| energy * x / total;
            parts[DRUMS] += share(strikes);
            parts[if band.is_low { BASS } else { OTHER }] += share(stays);
            let voice = if band.is_voice { centre } else { 0.0 };
            parts[VOCALS] += voice * share(changes);
            parts[OTHER] += (1.0 - voice) * share(changes);
            clear += share(stays.max(strikes).max(changes));
            all += energy;
        }
        for (power, part) in self.powers.iter_mut().zip(parts) {
            *power = part.max(*power * self.fall);
        }
        // From pure chance among the three kinds, 0, to certainty, 1.
        self.confidence = if all > AUDIBLE { ((clear / all - 1.0 / 3.0) * 1.5).clamp(0.0, 1.0) } else { 0.0 };
    }
}

/// The minimum power for a judgement: -80 dB.
const AUDIBLE: f32 = 1e-8;

impl Feature for Parts {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        self.listen_for_width(frame);
        self.hops_left -= 1;
        if self.hops_left == 0 {
            self.hops_left = self.steps;
            self.look(frame);
        }
        let loudest = self.levellers.iter().map(Leveller::reference_db).fold(f32::MIN, f32::max);
        let least = (loudest + RELATIVE_DB).max(LEAST_DB);
        for ((value, power), leveller) in values.iter_mut().zip(self.powers).zip(&mut self.levellers) {
            let level = leveller.ratio(decibels(power), least);
            *value = if power > AUDIBLE { level } else { 0.0 };
        }
        values[PARTS] = self.confidence;
    }

    fn freeze_levels(&mut self, frozen: bool) {
        self.levellers.iter_mut().for_each(|leveller| leveller.freeze(frozen));
    }
}

fn bands(bins: usize, bin_hertz: f64) -> Vec<Band> {
    let mut bands = Vec::new();
    let mut first = 1;
    for (top, at_once) in RESOLUTION {
        // The same width in Hz whatever the sample rate.
        let width = ((at_once as f64 * 23.4 / bin_hertz).round() as usize).max(1);
        while first + width <= bins && (first + width - 1) as f64 * bin_hertz <= top {
            let hertz = (first as f64 + 0.5 * (width - 1) as f64) * bin_hertz;
            bands.push(Band {
                bins: first..first + width,
                is_low: hertz < LOW_HERTZ,
                is_voice: VOICE_HERTZ.contains(&hertz),
            });
            first += width;
        }
    }
    bands
}
