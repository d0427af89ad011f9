//! The pitch of one voice or instrument.

use super::{Entry, Feature};
use crate::decimator::Decimator;
use crate::dot::dot;
use crate::frame::Frame;
use crate::{Field, Settings, Unit};

/// The fundamental in Hz, from 40 to 1000, 0 if there is none; and its confidence, 0 to 1. For a bus with a single
/// voice; in a whole mix it is the bass at best, with a low confidence.
///
/// P. McLeod and G. Wyvill: "A smarter way to find pitch", ICMC 2005; the normalised difference function is that of YIN
/// (A. de Cheveigné and H. Kawahara, 2002), inverted.
pub(super) const ENTRY: Entry = Entry {
    fields: &[Field::scalar("pitch", Unit::Hertz, (0.0, MOST_HERTZ as f32)), Field::ratio("pitch-confidence")],
    build: |settings| Box::new(Pitch::new(settings)),
};

/// Just below E1, the lowest string of a bass.
const LEAST_HERTZ: f64 = 40.0;
const MOST_HERTZ: f64 = 1_000.0;
/// Interval of the analysis.
const STEP_SECONDS: f64 = 0.01;
/// The window to compare: two cycles of the lowest note would be more accurate, but later.
const WINDOW_SECONDS: f64 = 0.028;
/// The first peak that reaches this share of the highest is the period; a later one is a multiple of it.
const SHARE: f32 = 0.93;
/// The minimum likeness of consecutive cycles. Chords stay below it, and noise far below.
const LEAST_CLARITY: f32 = 0.8;
/// The same for an existing pitch: it is dropped later.
const KEEP_CLARITY: f32 = 0.7;
/// A new pitch counts when two analyses agree within this factor, a semitone.
const AGREE: f32 = 1.06;
/// A mean square below this is silence: -80 dB.
const SILENCE: f32 = 1e-8;

struct Pitch {
    /// The newest samples at the low rate, oldest first.
    past: Vec<f32>,
    /// The likeness at each lag, from 0.
    likeness: Vec<f32>,
    window: usize,
    lags: std::ops::Range<usize>,
    rate: f64,
    steps: usize,
    step: usize,
    before: f32,
    pitch: f32,
    confidence: f32,
}

impl Pitch {
    fn new(settings: &Settings) -> Self {
        let rate = Decimator::rate(settings.sample_rate);
        let window = (WINDOW_SECONDS * rate) as usize;
        let lags = (rate / MOST_HERTZ) as usize..(rate / LEAST_HERTZ) as usize + 2;
        Self {
            past: vec![0.0; window + lags.end],
            likeness: vec![0.0; lags.end + 1],
            window,
            lags,
            rate,
            steps: settings.hops(STEP_SECONDS),
            step: 0,
            before: 0.0,
            pitch: 0.0,
            confidence: 0.0,
        }
    }

    fn slide(&mut self, samples: &[f32]) {
        let samples = &samples[samples.len().saturating_sub(self.past.len())..];
        self.past.copy_within(samples.len().., 0);
        let old = self.past.len() - samples.len();
        self.past[old..].copy_from_slice(samples);
    }

    fn look(&mut self) {
        let found = self.compare().and_then(|()| self.period());
        let (pitch, clarity) =
            found.map_or((0.0, 0.0), |(lag, clarity)| ((self.rate / f64::from(lag)) as f32, clarity));
        let least = if self.pitch > 0.0 { KEEP_CLARITY } else { LEAST_CLARITY };
        let heard = clarity >= least && (LEAST_HERTZ as f32..=MOST_HERTZ as f32).contains(&pitch);
        let agreed = heard && near(pitch, self.before);
        self.before = if heard { pitch } else { 0.0 };
        (self.pitch, self.confidence) = match (agreed, heard) {
            (true, _) => (pitch, ((clarity - KEEP_CLARITY) / (1.0 - KEEP_CLARITY)).clamp(0.0, 1.0)),
            // A single deviation: the previous note is not over yet, or it was an error.
            (false, true) => (self.pitch, 0.5 * self.confidence),
            (false, false) => (0.0, 0.0),
        };
    }

    /// Compares the newest window with earlier ones, lag by lag: 1 where both are the same. `None` in silence.
    fn compare(&mut self) -> Option<()> {
        let now = &self.past[self.past.len() - self.window..];
        let mut energy = dot(now, now);
        let own = energy;
        if own <= SILENCE * self.window as f32 {
            return None;
        }
        self.likeness[0] = 1.0;
        for lag in 1..self.likeness.len().min(self.past.len() - self.window + 1) {
            let first = self.past.len() - self.window - lag;
            let then = &self.past[first..first + self.window];
            energy += then[0] * then[0] - self.past[first + self.window] * self.past[first + self.window];
            self.likeness[lag] = 2.0 * dot(now, then) / (own + energy.max(0.0)).max(f32::MIN_POSITIVE);
        }
        Some(())
    }

    /// The lag, with a fraction, of the most similar cycles, and their likeness.
    fn period(&self) -> Option<(f32, f32)> {
        let peaks = || Peaks { likeness: &self.likeness, at: 1 }.filter(|peak| self.lags.contains(peak));
        let height = |lag: usize| vertex(&self.likeness, lag).1;
        let highest = peaks().map(height).fold(0.0f32, f32::max);
        let first = peaks().find(|lag| height(*lag) >= SHARE * highest)?;
        let (lag, clarity) = vertex(&self.likeness, first);
        Some((self.refined(lag), clarity.clamp(0.0, 1.0)))
    }

    /// Refines a lag by one several cycles back, where the same error counts less.
    fn refined(&self, lag: f32) -> f32 {
        let mut lag = lag;
        let mut cycles = 2.0;
        while cycles * lag < (self.likeness.len() - 2) as f32 {
            let near = (cycles * lag).round() as usize;
            let best = (near - 1..=near + 1).max_by(|a, b| self.likeness[*a].total_cmp(&self.likeness[*b]));
            let Some(best) = best.filter(|best| is_peak(&self.likeness, *best)) else { break };
            let (multiple, height) = vertex(&self.likeness, best);
            if height < LEAST_CLARITY {
                break;
            }
            lag = multiple / cycles;
            cycles += 1.0;
        }
        lag
    }
}

impl Feature for Pitch {
    fn process(&mut self, frame: &Frame, values: &mut [f32]) {
        self.slide(frame.slow());
        self.step += 1;
        if self.step >= self.steps {
            self.step = 0;
            self.look();
        }
        (values[0], values[1]) = (self.pitch, self.confidence);
    }
}

/// The maximum of each hill above zero except the first, which starts at lag 0.
struct Peaks<'a> {
    likeness: &'a [f32],
    at: usize,
}

impl Iterator for Peaks<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let end = self.likeness.len();
        if self.at == 1 {
            self.at = (1..end).find(|lag| self.likeness[*lag] <= 0.0)?;
        }
        let rise = (self.at..end).find(|lag| self.likeness[*lag] > 0.0)?;
        let fall = (rise..end).find(|lag| self.likeness[*lag] <= 0.0).unwrap_or(end);
        self.at = fall;
        let top = (rise..fall).max_by(|a, b| self.likeness[*a].total_cmp(&self.likeness[*b]))?;
        if is_peak(self.likeness, top) { Some(top) } else { self.next() }
    }
}

fn is_peak(curve: &[f32], at: usize) -> bool {
    at > 0 && at + 1 < curve.len() && curve[at] >= curve[at - 1] && curve[at] >= curve[at + 1]
}

/// The vertex of the parabola through a peak and its neighbours: position and height.
fn vertex(curve: &[f32], at: usize) -> (f32, f32) {
    let [left, middle, right] = [curve[at - 1], curve[at], curve[at + 1]];
    let bend = left - 2.0 * middle + right;
    if bend >= 0.0 {
        return (at as f32, middle);
    }
    let shift = (0.5 * (left - right) / bend).clamp(-0.5, 0.5);
    (at as f32 + shift, middle - 0.25 * (left - right) * shift)
}

fn near(pitch: f32, other: f32) -> bool {
    pitch < AGREE * other && other < AGREE * pitch
}
