//! What `tools/training` needs: the very numbers that the net hears when it works.

use crate::rhythm::Ears;

/// Ticks a second.
pub const RATE: f64 = crate::rhythm::RATE;

/// The net's inputs for a piece of music, tick after tick, and how many numbers a tick has.
pub fn inputs(samples: &[f32], sample_rate: f64) -> (Vec<f32>, usize) {
    let mut ears = Ears::new(sample_rate);
    let mut inputs = Vec::new();
    let mut heard = 0;
    for tick in 1.. {
        let end = (f64::from(tick) * sample_rate / RATE) as usize;
        if end > samples.len() {
            break;
        }
        ears.slide(&samples[heard..end]);
        heard = end;
        ears.tick();
        inputs.extend_from_slice(ears.inputs());
    }
    (inputs, ears.len())
}
