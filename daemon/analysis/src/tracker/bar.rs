//! Which beat is the first of the bar.

/// A first guess from two kinds of evidence: on the one, harmony and sound change, and something low begins; on the
/// other beats there is rather a snare.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// The mean spectrum of the half beat that is going on, of the one before, and so on.
    halves: [Vec<f32>; HALVES],
    /// The bands in which chords and basses move.
    tonal: std::ops::Range<usize>,
    ticks: f32,
    half: usize,
    low: f32,
    high: f32,
    /// The low and the high band at the beat that is going on.
    struck: (f32, f32),
    change: Scale,
    kick: Scale,
    snare: Scale,
    /// How much speaks for each beat of the bar being the first, for each bar length.
    scores: [[f32; LONGEST]; METRES.len()],
    metre: usize,
    /// Which beat count, modulo the bar, is the first.
    first: usize,
    confidence: f32,
    /// A person has said which beat is the first.
    said: bool,
}

const HALVES: usize = 3;
/// The bar lengths that are told apart, the usual one first.
const METRES: [u8; 2] = [4, 3];
const LONGEST: usize = 4;
/// How near to a beat an onset belongs to it.
const REACH: f64 = 0.12;
/// What is kept of a score from beat to beat: eight bars are remembered.
const KEEPS: f32 = 0.97;
/// How much a standard deviation of each kind of evidence counts.
const CHANGE_WEIGHT: f32 = 1.0;
const KICK_WEIGHT: f32 = 0.3;
const SNARE_WEIGHT: f32 = -0.3;
/// From scores to probabilities.
const TRUST: f32 = 0.25;
/// How much likelier another first beat must be before the bar is moved to it.
const MARGIN: f32 = 2.0;
/// How much speaks for a beat of which somebody has said, or which was known before, that it is the first.
const SAID: f32 = 20.0;
/// How much better three beats must explain the music than four.
const METRE_MARGIN: f32 = 1.5;

impl Bar {
    /// For spectra of so many bands, of which some are where chords and basses move.
    pub fn new(bands: usize, tonal: std::ops::Range<usize>) -> Self {
        Self {
            halves: std::array::from_fn(|_| vec![0.0; bands]),
            tonal,
            ticks: 0.0,
            half: 0,
            low: 0.0,
            high: 0.0,
            struck: (0.0, 0.0),
            change: Scale::default(),
            kick: Scale::default(),
            snare: Scale::default(),
            scores: [[0.0; LONGEST]; METRES.len()],
            metre: 0,
            first: 0,
            confidence: 0.0,
            said: false,
        }
    }

    /// Hears a tick: its spectrum, what began below and above the split, and the phase and count of the beat that it
    /// belongs to (the last one).
    pub fn hear(&mut self, timbre: &[f32], low: f32, high: f32, phase: f64, count: u64) {
        let half = usize::from(phase >= 0.5);
        if half != self.half {
            self.half = half;
            match half {
                0 => self.judge((count as usize).saturating_sub(1)),
                _ => self.struck = (std::mem::take(&mut self.low), std::mem::take(&mut self.high)),
            }
            self.halves.rotate_right(1);
            self.halves[0].fill(0.0);
            self.ticks = 0.0;
        }
        self.ticks += 1.0;
        for (mean, now) in self.halves[0].iter_mut().zip(timbre) {
            *mean += (now - *mean) / self.ticks;
        }
        if !(REACH..=1.0 - REACH).contains(&phase) {
            self.low = self.low.max(low);
            self.high = self.high.max(high);
        }
    }

    /// A beat is over: weighs what was heard on it. The chord is compared in the second halves of this beat and the
    /// last, where drums hide it least.
    fn judge(&mut self, count: usize) {
        let change = change(&self.halves[2][self.tonal.clone()], &self.halves[0][self.tonal.clone()]);
        let evidence = CHANGE_WEIGHT * self.change.deviation(change)
            + KICK_WEIGHT * self.kick.deviation(self.struck.0)
            + SNARE_WEIGHT * self.snare.deviation(self.struck.1);
        for (scores, beats) in self.scores.iter_mut().zip(METRES) {
            scores.iter_mut().for_each(|score| *score *= KEEPS);
            scores[count % usize::from(beats)] += evidence;
        }
        self.decide();
    }

    fn decide(&mut self) {
        if self.said {
            return;
        }
        let chances: [[f32; LONGEST]; METRES.len()] =
            std::array::from_fn(|metre| chances(&self.scores[metre][..usize::from(METRES[metre])]));
        let best = |metre: usize| {
            let beats = usize::from(METRES[metre]);
            (0..beats).max_by(|a, b| chances[metre][*a].total_cmp(&chances[metre][*b])).unwrap_or(0)
        };
        let peak = |metre: usize| self.scores[metre][best(metre)];
        let other = 1 - self.metre;
        if peak(other) > METRE_MARGIN * peak(self.metre).max(1.0 / TRUST) {
            self.metre = other;
            self.first = best(other);
        } else if chances[self.metre][best(self.metre)] > MARGIN * chances[self.metre][self.first] {
            self.first = best(self.metre);
        }
        // From pure chance, 0, to certainty, 1.
        let chance = 1.0 / f32::from(METRES[self.metre]);
        self.confidence = ((chances[self.metre][self.first] - chance) / (1.0 - chance)).clamp(0.0, 1.0);
    }

    /// The beat was set anew, so that the count says little about the bar.
    pub fn doubt(&mut self) {
        self.said = false;
        self.scores.as_flattened_mut().iter_mut().for_each(|score| *score *= 0.3);
        self.confidence *= 0.3;
    }

    /// The beat of this count is the first of its bar: somebody has said so, or the beats are counted differently now.
    pub fn begin(&mut self, count: u64, said: bool) {
        self.first = (count % u64::from(self.beats())) as usize;
        self.said |= said;
        for (scores, beats) in self.scores.iter_mut().zip(METRES) {
            scores.fill(0.0);
            scores[(count % u64::from(beats)) as usize] = SAID;
        }
        self.confidence = if self.said { 1.0 } else { self.confidence };
    }

    /// Nothing is known of the bar any more.
    pub fn forget(&mut self) {
        self.scores.as_flattened_mut().fill(0.0);
        self.metre = 0;
        self.confidence = 0.0;
        self.said = false;
    }

    pub fn beats(&self) -> u8 {
        METRES[self.metre]
    }

    /// Which beat of the bar a count is, from 0.
    pub fn beat(&self, count: u64) -> u8 {
        let beats = u64::from(self.beats());
        ((count % beats + beats - self.first as u64) % beats) as u8
    }

    pub fn confidence(&self) -> f32 {
        self.confidence
    }
}

/// How much the shape of a spectrum differs from another's, whatever the level.
fn change(before: &[f32], now: &[f32]) -> f32 {
    let bands = now.len().max(1) as f32;
    let rise = now.iter().zip(before).map(|(now, before)| now - before).sum::<f32>() / bands;
    now.iter().zip(before).map(|(now, before)| (now - before - rise).abs()).sum::<f32>() / bands
}

/// Scores to probabilities.
fn chances(scores: &[f32]) -> [f32; LONGEST] {
    let greatest = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut chances = [0.0; LONGEST];
    for (chance, score) in chances.iter_mut().zip(scores) {
        *chance = (TRUST * (score - greatest)).exp();
    }
    let total: f32 = chances.iter().sum();
    chances.map(|chance| chance / total)
}

/// Measures values in standard deviations from their recent mean.
#[derive(Clone, Copy, Debug, Default)]
struct Scale {
    mean: f32,
    square: f32,
    heard: f32,
}

impl Scale {
    /// Values that are remembered.
    const MEMORY: f32 = 32.0;

    fn deviation(&mut self, value: f32) -> f32 {
        self.heard = (self.heard + 1.0).min(Self::MEMORY);
        self.mean += (value - self.mean) / self.heard;
        self.square += (value * value - self.square) / self.heard;
        let variance = (self.square - self.mean * self.mean).max(0.0);
        // A value that hardly varies says nothing.
        let least = 0.05 * self.mean.abs() + 1e-3;
        ((value - self.mean) / variance.sqrt().max(least)).clamp(-2.0, 2.0)
    }
}
