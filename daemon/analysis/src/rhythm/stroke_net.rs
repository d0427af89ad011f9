//! The net for drum strokes.
//!
//! It builds on the first net's view of the music, and takes the last ticks again in full: a temporal convolutional
//! network like [`Net`](super::Net), with fewer layers, trained on drums only.

use super::activation::{rectify, scale, sigmoid};
use super::layer::{Block, Layer};
use super::weights::StrokeWeights;

/// The likelihood that a drum has just been struck, each 0 to 1; surest 15 to 35 ms later.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Strokes {
    pub kick: f32,
    pub snare: f32,
    pub hat: f32,
}

/// The trained net, and the memory of its layers.
pub(crate) struct StrokeNet {
    weights: &'static StrokeWeights,
    first: Layer,
    blocks: Vec<Block>,
    inputs: Vec<f32>,
    trunk: Vec<f32>,
    hidden: Vec<f32>,
}

impl StrokeNet {
    /// The trained net, before the first tick.
    pub fn new() -> Self {
        let weights = StrokeWeights::trained();
        let (inputs, width) = (weights.scale.len(), weights.first.outputs());
        let blocks = weights.blocks.iter().enumerate();
        Self {
            first: Layer::new(&weights.first, inputs, weights.taps, 1),
            blocks: blocks.map(|(k, layers)| Block::new(layers, 1 << k)).collect(),
            inputs: vec![0.0; inputs],
            trunk: vec![0.0; width],
            hidden: vec![0.0; width],
            weights,
        }
    }

    /// Takes a tick: the inputs of the first net, and its trunk. Realtime-safe: yes.
    pub fn process(&mut self, inputs: &[f32], known: &[f32]) -> Strokes {
        scale(inputs, (&self.weights.scale, &self.weights.shift), &mut self.inputs);
        self.first.process(&self.inputs, &mut self.trunk);
        self.first.process_beside(known, &mut self.trunk);
        rectify(&mut self.trunk);
        for block in &mut self.blocks {
            block.process(&mut self.trunk, &mut self.hidden);
        }
        let mut marks = [0.0; 3];
        self.weights.heads.add(&self.trunk, &mut marks);
        let [kick, snare, hat] = marks.map(sigmoid);
        Strokes { kick, snare, hat }
    }
}
