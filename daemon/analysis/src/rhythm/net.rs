//! The network itself: a causal temporal convolutional network, one tick at a time.
//!
//! S. Bai, J. Z. Kolter, V. Koltun: "An empirical evaluation of generic convolutional and recurrent networks for
//! sequence modeling", 2018; several heads on one trunk after S. Böck, M. Davies: "Deconstruct, analyse, reconstruct:
//! how to improve tempo, beat, and downbeat estimation", ISMIR 2020.

use super::activation::{rectify, sigmoid, softmax};
use super::dense::Dense;
use super::weights::{TAPS, Weights};
use super::{Marks, Rhythm};

/// Weights and what the layers remember: each needs the ticks that its taps reach back to.
pub(crate) struct Net {
    scale: Vec<f32>,
    shift: Vec<f32>,
    first: Layer,
    blocks: Vec<Block>,
    heads: Dense,
    tempo: Dense,
    /// The first block from which the tempo is read, and what these blocks felt on average.
    felt_from: usize,
    felt: Vec<f32>,
    ticks: u32,
    inputs: Vec<f32>,
    trunk: Vec<f32>,
    hidden: Vec<f32>,
    marks: Vec<f32>,
    tempi: Vec<f32>,
}

struct Block {
    look: Layer,
    mix: Dense,
}

/// A layer that looks at this tick and at others before it.
struct Layer {
    dense: Dense,
    /// The past inputs, tick by tick, in a ring.
    past: Vec<f32>,
    at: usize,
    apart: usize,
    width: usize,
}

/// The tempo is read so seldom, in ticks.
const TEMPO_EVERY: u32 = 10;
/// What the blocks felt is forgotten over four seconds, a tick's share: as in training.
const FORGETS: f32 = 0.01 / 4.0;

impl Net {
    /// The net that has been trained, before it has heard anything.
    pub fn new() -> Self {
        Self::of(Weights::trained())
    }

    fn of(weights: Weights) -> Self {
        let (inputs, width) = (weights.scale.len(), weights.first.outputs());
        let blocks = weights.blocks.into_iter().enumerate();
        Self {
            first: Layer::new(weights.first, inputs, 1),
            blocks: blocks.map(|(k, (look, mix))| Block { look: Layer::new(look, width, 1 << k), mix }).collect(),
            marks: vec![0.0; weights.heads.outputs()],
            tempi: vec![0.0; weights.tempo.outputs()],
            felt: vec![0.0; weights.tempo.inputs()],
            felt_from: weights.felt_from,
            ticks: 0,
            heads: weights.heads,
            tempo: weights.tempo,
            inputs: vec![0.0; inputs],
            trunk: vec![0.0; width],
            hidden: vec![0.0; width],
            scale: weights.scale,
            shift: weights.shift,
        }
    }

    /// Hears a tick; the tempo is told anew from time to time. Realtime-safe: yes.
    pub fn hear(&mut self, inputs: &[f32], rhythm: &mut Rhythm) -> Marks {
        let affine = self.scale.iter().zip(&self.shift);
        for ((input, heard), (scale, shift)) in self.inputs.iter_mut().zip(inputs).zip(affine) {
            *input = heard * scale + shift;
        }
        self.first.hear(&self.inputs, &mut self.trunk);
        rectify(&mut self.trunk);
        let mut felt = self.felt.chunks_exact_mut(self.trunk.len());
        for (number, block) in self.blocks.iter_mut().enumerate() {
            block.look.hear(&self.trunk, &mut self.hidden);
            rectify(&mut self.hidden);
            if number >= self.felt_from
                && let Some(felt) = felt.next()
            {
                felt.iter_mut().zip(&self.hidden).for_each(|(felt, hidden)| *felt += (hidden - *felt) * FORGETS);
            }
            block.mix.add(&self.hidden, &mut self.trunk);
        }
        self.marks.fill(0.0);
        self.heads.add(&self.trunk, &mut self.marks);
        let [beat, downbeat, kick, snare, hat, onset] = std::array::from_fn(|k| sigmoid(self.marks[k]));
        self.ticks += 1;
        if self.ticks == TEMPO_EVERY {
            self.ticks = 0;
            self.feel_tempo(rhythm);
        }
        Marks { beat, downbeat, kick, snare, hat, onset }
    }

    fn feel_tempo(&mut self, rhythm: &mut Rhythm) {
        self.tempi.fill(0.0);
        self.tempo.add(&self.felt, &mut self.tempi);
        softmax(&mut self.tempi);
        rhythm.none = self.tempi[0];
        rhythm.tempi.copy_from_slice(&self.tempi[1..]);
    }
}

impl Layer {
    fn new(dense: Dense, width: usize, apart: usize) -> Self {
        Self { dense, past: vec![0.0; width * apart * (TAPS - 1)], at: 0, apart, width }
    }

    fn hear(&mut self, inputs: &[f32], outputs: &mut [f32]) {
        outputs.fill(0.0);
        let ring = self.past.len();
        for tap in 0..TAPS - 1 {
            // The oldest is where the newest will be put.
            let from = (self.at + tap * self.apart * self.width) % ring;
            self.dense.add_part(tap * self.width, &self.past[from..from + self.width], outputs);
        }
        self.dense.add_part((TAPS - 1) * self.width, inputs, outputs);
        self.dense.add_bias(outputs);
        self.past[self.at..self.at + self.width].copy_from_slice(inputs);
        self.at = (self.at + self.width) % ring;
    }
}
