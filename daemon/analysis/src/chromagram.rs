//! The strength of each pitch class.

use crate::Settings;
use crate::decimator::Decimator;
use crate::long::LongSpectrum;
use realfft::num_complex::Complex32;
use std::f32::consts::TAU;

/// Pitch classes of an octave, C first.
pub(crate) const CLASSES: usize = 12;

/// The peaks of a long spectrum, folded into one octave. After E. Gómez: "Tonal description of polyphonic audio for
/// music content processing", 2006: peaks rather than bins, because two semitones of the bass are hardly a bin apart;
/// the tuning comes from the peaks' deviation from the semitones.
pub(crate) struct Chromagram {
    bin_hertz: f32,
    range: std::ops::Range<usize>,
    tuning: Tuning,
    now: [f32; CLASSES],
}

/// The range of peaks, in Hz: from C2.
const LEAST_HERTZ: f64 = 63.0;
const MOST_HERTZ: f64 = Decimator::TOP_HERTZ;
/// The frequency with the greatest weight, in Hz, and the octaves to either side at which it falls to 61 %.
const CENTRE_HERTZ: f32 = 330.0;
const OCTAVES: f32 = 1.4;
/// Peaks this far below the highest are ignored: 46 dB.
const LEAST_SHARE: f32 = 0.005;
/// The amplitude of the highest peak below which there is silence: -80 dB.
const SILENCE: f32 = 1e-4;

impl Chromagram {
    /// For the long spectrum.
    pub fn new(settings: &Settings) -> Self {
        let (bins, bin_hertz) = LongSpectrum::layout(settings);
        let bin = |hertz: f64| ((hertz / bin_hertz) as usize).clamp(1, bins - 2);
        Self {
            bin_hertz: bin_hertz as f32,
            range: bin(LEAST_HERTZ)..bin(MOST_HERTZ),
            tuning: Tuning::new(LongSpectrum::step_seconds(settings)),
            now: [0.0; CLASSES],
        }
    }

    /// The strength of each class, adding up to 1; `None` in silence. Realtime-safe: yes.
    pub fn look(&mut self, magnitudes: &[f32]) -> Option<&[f32; CLASSES]> {
        let inner = &magnitudes[self.range.clone()];
        let highest = inner.iter().copied().fold(0.0, f32::max);
        if highest < SILENCE {
            return None;
        }
        self.now = [0.0; CLASSES];
        let offset = self.tuning.semitones();
        for bin in self.range.clone() {
            let [below, here, above] = [magnitudes[bin - 1], magnitudes[bin], magnitudes[bin + 1]];
            if here <= below || here < above || here < LEAST_SHARE * highest {
                continue;
            }
            let hertz = (bin as f32 + summit(below, here, above)) * self.bin_hertz;
            let weight = (here / highest).sqrt() * heed(hertz);
            // Semitones above C0, where A4 = 440 Hz is 57.
            let pitch = 57.0 + 12.0 * (hertz / 440.0).log2();
            self.tuning.feel(pitch, weight);
            let pitch = pitch - offset;
            let near = pitch.round();
            let class = |pitch: f32| (pitch as i32).rem_euclid(CLASSES as i32) as usize;
            let off = pitch - near;
            self.now[class(near)] += weight * (1.0 - off.abs());
            self.now[class(near + off.signum())] += weight * off.abs();
        }
        self.tuning.settle();
        let sum: f32 = self.now.iter().sum();
        if sum <= f32::MIN_POSITIVE {
            return None;
        }
        self.now.iter_mut().for_each(|class| *class /= sum);
        Some(&self.now)
    }
}

/// The distance of the true peak from the middle bin, by a parabola through the logarithms.
fn summit(below: f32, here: f32, above: f32) -> f32 {
    let [below, here, above] = [below, here, above].map(|magnitude| magnitude.max(1e-12).ln());
    let bend = below - 2.0 * here + above;
    if bend < -1e-6 { (0.5 * (below - above) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// The weight of a frequency.
fn heed(hertz: f32) -> f32 {
    (-0.5 * ((hertz / CENTRE_HERTZ).log2() / OCTAVES).powi(2)).exp()
}

/// The tuning relative to A = 440 Hz: the mean direction of all peaks on the circle of one semitone.
#[derive(Clone, Copy, Debug)]
struct Tuning {
    mean: Complex32,
    now: Complex32,
    weight: f32,
    keeps: f32,
    semitones: f32,
}

/// How long the tuning is remembered.
const TUNING_SECONDS: f64 = 15.0;
/// Peaks that agree less than this are ignored: drums and noise.
const AGREEMENT: f32 = 0.15;
/// How much nearer another semitone must be to switch, so that music tuned halfway does not flicker.
const STICKS: f32 = 0.15;

impl Tuning {
    fn new(step: f64) -> Self {
        Self {
            mean: Complex32::default(),
            now: Complex32::default(),
            weight: 0.0,
            keeps: (-step / TUNING_SECONDS).exp() as f32,
            semitones: 0.0,
        }
    }

    fn feel(&mut self, pitch: f32, weight: f32) {
        self.now += Complex32::from_polar(weight, TAU * pitch.fract());
        self.weight += weight;
    }

    fn settle(&mut self) {
        let now = self.now / self.weight.max(f32::MIN_POSITIVE);
        self.mean = now + (self.mean - now) * self.keeps;
        (self.now, self.weight) = (Complex32::default(), 0.0);
        if self.mean.norm() > AGREEMENT {
            let off = self.mean.arg() / TAU;
            // The same direction one turn further is the neighbouring semitone.
            let near = off + (self.semitones - off).round();
            self.semitones = if near.abs() < 0.5 + STICKS { near } else { off };
        }
    }

    /// The deviation from the semitones of 440 Hz, -0.65 to 0.65.
    fn semitones(&self) -> f32 {
        self.semitones
    }
}
