//! The network itself: a causal temporal convolutional network, one tick at a time.
//!
//! S. Bai, J. Z. Kolter, V. Koltun: "An empirical evaluation of generic convolutional and recurrent networks for
//! sequence modeling", 2018; several heads on one trunk after S. Böck, M. Davies: "Deconstruct, analyse, reconstruct:
//! how to improve tempo, beat, and downbeat estimation", ISMIR 2020.

use super::activation::{rectify, scale, sigmoid, softmax};
use super::layer::{Block, Layer};
use super::weights::{TAPS, Weights};
use super::{Marks, Rhythm};

/// Weights, and the memory of the layers: each needs the ticks that its taps reach back to.
pub(crate) struct Net {
    weights: &'static Weights,
    first: Layer,
    blocks: Vec<Block>,
    /// The mean output of the blocks for the tempo.
    felt: Vec<f32>,
    ticks: u32,
    inputs: Vec<f32>,
    trunk: Vec<f32>,
    hidden: Vec<f32>,
    marks: Vec<f32>,
    tempi: Vec<f32>,
}

/// Ticks between tempo readings.
const TEMPO_EVERY: u32 = 10;
/// The share of the mean forgotten per tick, over four seconds: as in training.
const FORGETS: f32 = 0.01 / 4.0;

impl Net {
    /// The trained net, before the first tick.
    pub fn new() -> Self {
        let weights = Weights::trained();
        let (inputs, width) = (weights.scale.len(), weights.first.outputs());
        let blocks = weights.blocks.iter().enumerate();
        Self {
            first: Layer::new(&weights.first, inputs, TAPS, 1),
            blocks: blocks.map(|(k, layers)| Block::new(layers, 1 << k)).collect(),
            marks: vec![0.0; weights.heads.outputs()],
            tempi: vec![0.0; weights.tempo.outputs()],
            felt: vec![0.0; weights.tempo.inputs()],
            ticks: 0,
            inputs: vec![0.0; inputs],
            trunk: vec![0.0; width],
            hidden: vec![0.0; width],
            weights,
        }
    }

    /// Takes a tick: returns what has just started, and the likelihood of music with a beat; the tempo is updated at
    /// intervals. Realtime-safe: yes.
    pub fn process(&mut self, inputs: &[f32], rhythm: &mut Rhythm) -> (Marks, f32) {
        scale(inputs, (&self.weights.scale, &self.weights.shift), &mut self.inputs);
        self.first.process(&self.inputs, &mut self.trunk);
        rectify(&mut self.trunk);
        let mut felt = self.felt.chunks_exact_mut(self.trunk.len());
        for (number, block) in self.blocks.iter_mut().enumerate() {
            block.process(&mut self.trunk, &mut self.hidden);
            if number >= self.weights.felt_from
                && let Some(felt) = felt.next()
            {
                felt.iter_mut().zip(&self.hidden).for_each(|(felt, hidden)| *felt += (hidden - *felt) * FORGETS);
            }
        }
        self.marks.fill(0.0);
        self.weights.heads.add(&self.trunk, &mut self.marks);
        let [beat, downbeat, kick, snare, hat, onset, music] = std::array::from_fn(|k| sigmoid(self.marks[k]));
        self.ticks += 1;
        if self.ticks == TEMPO_EVERY {
            self.ticks = 0;
            self.feel_tempo(rhythm);
        }
        (Marks { beat, downbeat, kick, snare, hat, onset }, music)
    }

    /// Its state after the last tick, as a base for other nets.
    pub fn trunk(&self) -> &[f32] {
        &self.trunk
    }

    fn feel_tempo(&mut self, rhythm: &mut Rhythm) {
        self.tempi.fill(0.0);
        self.weights.tempo.add(&self.felt, &mut self.tempi);
        softmax(&mut self.tempi);
        rhythm.none = self.tempi[0];
        rhythm.tempi.copy_from_slice(&self.tempi[1..]);
    }
}
