//! The key of the music.

use crate::chromagram::CLASSES;

/// Keys: 12 major, C first, then 12 minor.
pub(crate) const KEYS: usize = 2 * CLASSES;

/// The key whose profile is most like the recent sound. C. Krumhansl: "Cognitive Foundations of Musical Pitch", 1990,
/// with the profiles that D. Temperley counted in D. Kostka and S. Payne's workbook ("Music and Probability", 2007):
/// they distinguish fifths better.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    sums: [f32; CLASSES],
    profiles: [[f32; CLASSES]; KEYS],
    keeps: f32,
    step: f32,
    heard: f32,
    key: usize,
    rival: usize,
    rival_seconds: f32,
    confidence: f32,
}

const MAJOR: [f32; CLASSES] = [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400];
const MINOR: [f32; CLASSES] = [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330];
/// Time constant of the memory: four to eight bars.
const MEMORY_SECONDS: f64 = 14.0;
/// Seconds of sound needed for full confidence.
const ENOUGH_SECONDS: f32 = 8.0;
/// How much better another key must fit, and for how long.
const BETTER: f32 = 0.04;
const CHANGE_SECONDS: f32 = 2.0;
/// The lead over the second best, and the likeness, for full confidence.
const SURE_LEAD: f32 = 0.12;
const LIKE: (f32, f32) = (0.4, 0.8);

impl Key {
    /// For chroma every `step` seconds.
    pub fn new(step: f64) -> Self {
        let profiles = std::array::from_fn(|key| {
            let profile = if key < CLASSES { MAJOR } else { MINOR };
            standard(&std::array::from_fn(|class| profile[(class + CLASSES - key % CLASSES) % CLASSES]))
        });
        Self {
            sums: [0.0; CLASSES],
            profiles,
            keeps: (-step / MEMORY_SECONDS).exp() as f32,
            step: step as f32,
            heard: 0.0,
            key: 0,
            rival: 0,
            rival_seconds: 0.0,
            confidence: 0.0,
        }
    }

    /// Takes the current pitch classes.
    pub fn process(&mut self, chroma: &[f32; CLASSES]) {
        for (sum, class) in self.sums.iter_mut().zip(chroma) {
            *sum = class + (*sum - class) * self.keeps;
        }
        self.heard = (self.heard + self.step).min(ENOUGH_SECONDS);
        let heard = standard(&self.sums);
        let likeness: [f32; KEYS] =
            std::array::from_fn(|key| heard.iter().zip(&self.profiles[key]).map(|(a, b)| a * b).sum());
        self.choose(&likeness);
        let own = likeness[self.key];
        let next = (0..KEYS).filter(|key| *key != self.key).map(|key| likeness[key]).fold(-1.0, f32::max);
        let lead = ((own - next) / SURE_LEAD).clamp(0.0, 1.0);
        let like = ((own - LIKE.0) / (LIKE.1 - LIKE.0)).clamp(0.0, 1.0);
        self.confidence = (0.4 + 0.6 * lead) * like * self.heard / ENOUGH_SECONDS;
    }

    fn choose(&mut self, likeness: &[f32; KEYS]) {
        let best = (0..KEYS).max_by(|a, b| likeness[*a].total_cmp(&likeness[*b])).unwrap_or(0);
        let unsettled = self.heard < ENOUGH_SECONDS / 2.0;
        if best == self.key || likeness[best] < likeness[self.key] + if unsettled { 0.0 } else { BETTER } {
            self.rival_seconds = 0.0;
            return;
        }
        self.rival_seconds = if best == self.rival { self.rival_seconds + self.step } else { 0.0 };
        self.rival = best;
        if unsettled || self.rival_seconds >= CHANGE_SECONDS {
            (self.key, self.rival_seconds) = (best, 0.0);
        }
    }

    /// The key and its confidence, 0 to 1.
    pub fn key(&self) -> (usize, f32) {
        (self.key, self.confidence)
    }
}

/// Without its mean, and of length 1; zeros if all are the same.
fn standard(values: &[f32; CLASSES]) -> [f32; CLASSES] {
    let mean = values.iter().sum::<f32>() / CLASSES as f32;
    let off = values.map(|value| value - mean);
    let length = off.iter().map(|value| value * value).sum::<f32>().sqrt();
    off.map(|value| if length > 1e-9 { value / length } else { 0.0 })
}
