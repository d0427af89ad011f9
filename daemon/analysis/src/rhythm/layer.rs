//! Parts of nets that work tick by tick.

use super::activation::rectify;
use super::dense::Dense;
use super::weights::TAPS;

/// A layer over this tick and earlier ones.
pub(super) struct Layer {
    dense: &'static Dense,
    /// The past inputs, tick by tick, in a ring.
    past: Vec<f32>,
    at: usize,
    taps: usize,
    apart: usize,
    width: usize,
}

/// One tap into the past.
pub(super) struct Block {
    look: Layer,
    mix: &'static Dense,
}

impl Layer {
    /// This many ticks (`taps`), this far `apart`, of `width` numbers each.
    pub fn new(dense: &'static Dense, width: usize, taps: usize, apart: usize) -> Self {
        Self { dense, past: vec![0.0; width * apart * (taps - 1)], at: 0, taps, apart, width }
    }

    /// Takes a tick.
    pub fn process(&mut self, inputs: &[f32], outputs: &mut [f32]) {
        outputs.fill(0.0);
        let ring = self.past.len();
        for tap in 0..self.taps - 1 {
            // The oldest is where the newest will go.
            let from = (self.at + tap * self.apart * self.width) % ring;
            self.dense.add_part(tap * self.width, &self.past[from..from + self.width], outputs);
        }
        self.dense.add_part((self.taps - 1) * self.width, inputs, outputs);
        self.dense.add_bias(outputs);
        self.past[self.at..self.at + self.width].copy_from_slice(inputs);
        self.at = (self.at + self.width) % ring;
    }

    /// Adds further inputs, of this tick only.
    pub fn process_beside(&self, inputs: &[f32], outputs: &mut [f32]) {
        self.dense.add_part(self.taps * self.width, inputs, outputs);
    }
}

impl Block {
    /// A convolution over [`TAPS`] ticks, and its mixing.
    pub fn new((look, mix): &'static (Dense, Dense), apart: usize) -> Self {
        let width = mix.outputs();
        Self { look: Layer::new(look, width, TAPS, apart), mix }
    }

    /// Adds to `trunk`; `hidden` is the layer's output.
    pub fn process(&mut self, trunk: &mut [f32], hidden: &mut [f32]) {
        self.look.process(trunk, hidden);
        rectify(hidden);
        self.mix.add(hidden, trunk);
    }
}
