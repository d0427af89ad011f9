//! The stereo image.

use super::{Entry, Feature};
use crate::biquad::Biquad;
use crate::frame::Frame;
use crate::spectrum::{Shape, Spectrum};
use crate::{Field, Settings, Unit};
use std::ops::Range;

/// For the whole and each of the eight bands: the width, 0 if both sides carry the same (wherever it is panned) and 1
/// if they have nothing in common or are opposite; and the balance, -1 for left only to 1 for right only. Means of
/// about the last 0.15 s; 0 in silence.
pub(super) const ENTRY: Entry = Entry {
    fields: &[
        Field::ratio("width.full"),
        Field::ratio("width.sub"),
        Field::ratio("width.bass"),
        Field::ratio("width.low"),
        Field::ratio("width.lowmid"),
        Field::ratio("width.mid"),
        Field::ratio("width.highmid"),
        Field::ratio("width.high"),
        Field::ratio("width.air"),
        balance("balance.full"),
        balance("balance.sub"),
        balance("balance.bass"),
        balance("balance.low"),
        balance("balance.lowmid"),
        balance("balance.mid"),
        balance("balance.highmid"),
        balance("balance.high"),
        balance("balance.air"),
    ],
    build: |settings| Box::new(Stereo::new(settings)),
};

const fn balance(name: &'static str) -> Field {
    Field::scalar(name, Unit::Ratio, (-1.0, 1.0))
}

const BANDS: usize = 8;
/// The edges of the bands, in Hz; as in `bands.rs`.
const EDGES: [f64; BANDS + 1] = [20.0, 60.0, 120.0, 250.0, 500.0, 2_000.0, 4_000.0, 8_000.0, 20_000.0];
/// Interval of the analysis. A window is twice as long.
const STEP_SECONDS: f64 = 0.02;
/// Time constant of the means.
const MEAN_SECONDS: f64 = 0.15;
/// A mean power below this is silence: -100 dB.
const SILENCE: f32 = 1e-10;
/// A side 40 dB below the other is leakage, and ignored for the width.
const LEAKAGE: f32 = 1e-4;

struct Stereo {
    /// Half the difference of the sides, and half their sum, which the frame does not use where they cancel.
    side: Wave,
    middle: Wave,
    bins: [Range<usize>; BANDS],
    means: [Sides; BANDS],
    keeps: f32,
    steps: usize,
    step: usize,
    values: [f32; 2 * (BANDS + 1)],
}

/// A combination of both sides, free of DC, and its spectrum.
struct Wave {
    samples: Vec<f32>,
    block_dc: Biquad,
    spectrum: Spectrum,
}

/// Powers of both sides, and their common part.
#[derive(Clone, Copy, Debug, Default)]
struct Sides {
    left: f32,
    right: f32,
    common: f32,
}

impl Stereo {
    fn new(settings: &Settings) -> Self {
        let spectrum = Spectrum::new(Shape::Prompt, settings.sample_rate);
        let bin = |hertz: f64| ((hertz / spectrum.bin_hertz() + 0.5) as usize).min(spectrum.bins());
        // The lowest band is hardly wider than a bin.
        let bins = std::array::from_fn(|band| bin(EDGES[band])..bin(EDGES[band + 1]));
        let steps = settings.hops(STEP_SECONDS);
        Self {
            side: Wave::new(settings),
            middle: Wave::new(settings),
            bins,
            means: [Sides::default(); BANDS],
            keeps: settings.decay(MEAN_SECONDS).powi(steps as i32),
            steps,
            step: 0,
            values: [0.0; 2 * (BANDS + 1)],
        }
    }

    fn look(&mut self, frame: &Frame) {
        self.side.spectrum.transform();
        let factor = self.side.spectrum.power_of_complex();
        let side = self.side.spectrum.complex();
        let middle = match frame.complex_of_sum() {
            Some(middle) => middle,
            None => {
                self.middle.spectrum.transform();
                self.middle.spectrum.complex()
            }
        };
        let mut whole = Sides::default();
        for (band, (mean, bins)) in self.means.iter_mut().zip(&self.bins).enumerate() {
            let mut now = Sides::default();
            for (m, s) in middle[bins.clone()].iter().zip(&side[bins.clone()]) {
                now.left += (m + s).norm_sqr();
                now.right += (m - s).norm_sqr();
                now.common += m.norm_sqr() - s.norm_sqr();
            }
            mean.follow(now, factor, self.keeps);
            whole = whole.and(mean.by_amplitude());
            (self.values[1 + band], self.values[BANDS + 2 + band]) = (mean.width(), mean.balance());
        }
        (self.values[0], self.values[BANDS + 1]) = (whole.width(), whole.balance());
    }
}

impl Feature for Stereo {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        self.side.process(frame.sides(), |left, right| left - right);
        self.middle.process(frame.sides(), |left, right| left + right);
        self.step += 1;
        if self.step >= self.steps {
            self.step = 0;
            self.look(frame);
        }
        values.copy_from_slice(&self.values);
    }
}

impl Wave {
    fn new(settings: &Settings) -> Self {
        Self {
            samples: vec![0.0; settings.hop],
            block_dc: Biquad::high_pass(10.0, std::f64::consts::FRAC_1_SQRT_2, settings.sample_rate),
            spectrum: Spectrum::new(Shape::Prompt, settings.sample_rate),
        }
    }

    fn process(&mut self, [left, right]: [&[f32]; 2], of: impl Fn(f32, f32) -> f32) {
        for ((sample, left), right) in self.samples.iter_mut().zip(left).zip(right) {
            *sample = self.block_dc.run(0.5 * f64::from(of(*left, *right))) as f32;
        }
        self.block_dc.settle();
        self.spectrum.slide(&self.samples);
    }
}

impl Sides {
    fn follow(&mut self, now: Self, factor: f32, keeps: f32) {
        let follow = |mean: &mut f32, now: f32| {
            *mean = now * factor + (*mean - now * factor) * keeps;
            // Ends in zero, not in slow denormal numbers.
            if mean.abs() < 1e-20 {
                *mean = 0.0;
            }
        };
        follow(&mut self.left, now.left);
        follow(&mut self.right, now.right);
        follow(&mut self.common, now.common);
    }

    fn and(self, other: Self) -> Self {
        Self { left: self.left + other.left, right: self.right + other.right, common: self.common + other.common }
    }

    /// The same, weighted by amplitude, so that the bass, which is nearly always centred and loudest, does not make all
    /// music narrow.
    fn by_amplitude(self) -> Self {
        let both = self.left + self.right;
        let scale = if both < SILENCE { 0.0 } else { both.sqrt().recip() };
        Self { left: self.left * scale, right: self.right * scale, common: self.common * scale }
    }

    fn width(self) -> f32 {
        let (less, more) = (self.left.min(self.right), self.left.max(self.right));
        if more < SILENCE || less < LEAKAGE * more {
            return 0.0;
        }
        (1.0 - self.common / (self.left * self.right).sqrt()).clamp(0.0, 1.0)
    }

    fn balance(self) -> f32 {
        let both = self.left + self.right;
        if both < SILENCE { 0.0 } else { ((self.right - self.left) / both).clamp(-1.0, 1.0) }
    }
}
