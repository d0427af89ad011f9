//! A piece of sound in stereo.

use super::{cosine, sine};

/// Left and right, equally long.
#[derive(Clone)]
pub struct Stereo {
    /// Samples of the left side.
    pub left: Vec<f32>,
    /// Samples of the right side.
    pub right: Vec<f32>,
}

impl Stereo {
    /// Silence.
    pub fn silence(length: usize) -> Self {
        Self { left: vec![0.0; length], right: vec![0.0; length] }
    }

    /// A sound from its samples in pairs.
    pub fn collect(samples: impl Iterator<Item = (f64, f64)>) -> Self {
        let (left, right) = samples.map(|(left, right)| (left as f32, right as f32)).unzip();
        Self { left, right }
    }

    /// How many samples each side has.
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// Adds one sample; beyond the end there is nothing to add to.
    pub fn add(&mut self, at: usize, left: f64, right: f64) {
        if at < self.len() {
            self.left[at] += left as f32;
            self.right[at] += right as f32;
        }
    }

    /// Lays a sound in from a sample on. `pan` from −1 (left) to 1 (right) at equal power.
    pub fn lay(&mut self, sound: &Stereo, at: usize, gain: f64, pan: f64) {
        let turn = (pan + 1.0) / 8.0;
        let (left, right) =
            (gain * cosine(turn) * std::f64::consts::SQRT_2, gain * sine(turn) * std::f64::consts::SQRT_2);
        for (offset, (a, b)) in sound.left.iter().zip(&sound.right).enumerate() {
            self.add(at + offset, left * f64::from(*a), right * f64::from(*b));
        }
    }

    /// Adds another sound of the same length.
    pub fn mix(&mut self, other: &Stereo, gain: f32) {
        for (mine, theirs) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            for (sum, sample) in mine.iter_mut().zip(theirs) {
                *sum += gain * sample;
            }
        }
    }

    /// Changes each pair of samples in order of time.
    pub fn shape(&mut self, mut change: impl FnMut(usize, f64, f64) -> (f64, f64)) {
        for (at, (left, right)) in self.left.iter_mut().zip(&mut self.right).enumerate() {
            let (a, b) = change(at, f64::from(*left), f64::from(*right));
            (*left, *right) = (a as f32, b as f32);
        }
    }
}
