//! The net for confidence: turns evidence about the beat into four probabilities.

use super::activation::{rectify, scale, sigmoid};
use super::weights::CertaintyWeights;

/// The trained net. It has no memory.
pub(crate) struct CertaintyNet {
    weights: &'static CertaintyWeights,
    inputs: Vec<f32>,
    hidden: Vec<f32>,
}

impl CertaintyNet {
    /// The trained net.
    pub fn new() -> Self {
        let weights = CertaintyWeights::trained();
        Self { inputs: vec![0.0; weights.scale.len()], hidden: vec![0.0; weights.first.outputs()], weights }
    }

    /// The probabilities of a pulse, and that its level, its phase and the downbeat are right. Realtime-safe: yes.
    pub fn process(&mut self, evidence: &[f32]) -> [f32; 4] {
        scale(evidence, (&self.weights.scale, &self.weights.shift), &mut self.inputs);
        self.hidden.fill(0.0);
        self.weights.first.add(&self.inputs, &mut self.hidden);
        rectify(&mut self.hidden);
        let mut answers = [0.0; 4];
        self.weights.answers.add(&self.hidden, &mut answers);
        answers.map(sigmoid)
    }
}
