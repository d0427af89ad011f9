//! The parts that nets which hear tick by tick are made of.

use super::activation::rectify;
use super::dense::Dense;
use super::weights::TAPS;

/// A layer that looks at this tick and at others before it.
pub(super) struct Layer {
    dense: &'static Dense,
    /// The past inputs, tick by tick, in a ring.
    past: Vec<f32>,
    at: usize,
    taps: usize,
    apart: usize,
    width: usize,
}

/// What one look back adds to what is known.
pub(super) struct Block {
    look: Layer,
    mix: &'static Dense,
}

impl Layer {
    /// Looks at so many ticks (`taps`), so far `apart`, of `width` numbers each.
    pub fn new(dense: &'static Dense, width: usize, taps: usize, apart: usize) -> Self {
        Self { dense, past: vec![0.0; width * apart * (taps - 1)], at: 0, taps, apart, width }
    }

    /// Hears a tick.
    pub fn process(&mut self, inputs: &[f32], outputs: &mut [f32]) {
        outputs.fill(0.0);
        let ring = self.past.len();
        for tap in 0..self.taps - 1 {
            // The oldest is where the newest will be put.
            let from = (self.at + tap * self.apart * self.width) % ring;
            self.dense.add_part(tap * self.width, &self.past[from..from + self.width], outputs);
        }
        self.dense.add_part((self.taps - 1) * self.width, inputs, outputs);
        self.dense.add_bias(outputs);
        self.past[self.at..self.at + self.width].copy_from_slice(inputs);
        self.at = (self.at + self.width) % ring;
    }

    /// Adds what further inputs contribute, of this tick alone.
    pub fn process_beside(&self, inputs: &[f32], outputs: &mut [f32]) {
        self.dense.add_part(self.taps * self.width, inputs, outputs);
    }
}

impl Block {
    /// A look at [`TAPS`] ticks, and how it is mixed in.
    pub fn new((look, mix): &'static (Dense, Dense), apart: usize) -> Self {
        let width = mix.outputs();
        Self { look: Layer::new(look, width, TAPS, apart), mix }
    }

    /// Adds to `trunk`; `hidden` is what was felt.
    pub fn process(&mut self, trunk: &mut [f32], hidden: &mut [f32]) {
        self.look.process(trunk, hidden);
        rectify(hidden);
        self.mix.add(hidden, trunk);
    }
}
