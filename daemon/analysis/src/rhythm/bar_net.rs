//! The net that works beat by beat: which beat starts a bar, and whether these are the beats at all.
//!
//! F. Krebs, S. Böck, M. Dorfer, G. Widmer: "Downbeat tracking using beat-synchronous features and recurrent neural
//! networks", ISMIR 2016, made causal: the result for a beat comes after it has passed.

use super::activation::{rectify, scale, sigmoid, softmax};
use super::gru::Gates;
use super::weights::BarWeights;

/// The net's output for a beat, given all before it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct BarEvidence {
    /// The probability that the beat starts a bar.
    pub downbeat: f32,
    /// The probabilities that these are the beats, that they lie halfway between, and that these are twice or half as
    /// many.
    pub right: f32,
    pub between: f32,
    pub double: f32,
    pub half: f32,
}

/// The trained net. The caller keeps its memory, one for each row of beats.
pub(crate) struct BarNet {
    weights: &'static BarWeights,
    inputs: Vec<f32>,
    trunk: Vec<f32>,
    levels: Vec<f32>,
    gates: Gates,
}

impl BarNet {
    /// The trained net.
    pub fn new() -> Self {
        let weights = BarWeights::trained();
        Self {
            inputs: vec![0.0; weights.scale.len()],
            trunk: vec![0.0; weights.first.outputs()],
            levels: vec![0.0; weights.level.outputs()],
            gates: weights.memory.gates(),
            weights,
        }
    }

    /// The size of its memory.
    pub fn memory(&self) -> usize {
        self.weights.memory.width()
    }

    /// Takes the next beat after those of `memory`. Realtime-safe: yes.
    pub fn process(&mut self, inputs: &[f32], memory: &mut [f32]) -> BarEvidence {
        scale(inputs, (&self.weights.scale, &self.weights.shift), &mut self.inputs);
        self.trunk.fill(0.0);
        self.weights.first.add(&self.inputs, &mut self.trunk);
        rectify(&mut self.trunk);
        self.weights.memory.process(&self.trunk, memory, &mut self.gates);
        let mut downbeat = [0.0];
        self.weights.downbeat.add(memory, &mut downbeat);
        self.levels.fill(0.0);
        self.weights.level.add(memory, &mut self.levels);
        softmax(&mut self.levels);
        // The last two are of every second beat, even and odd.
        let [right, between, double, even, odd] = std::array::from_fn(|k| self.levels[k]);
        BarEvidence { downbeat: sigmoid(downbeat[0]), right, between, double, half: even + odd }
    }
}
