//! Data for `tools/training`: exactly the numbers that the net receives in operation.

use crate::rhythm::Ears;

/// Ticks per second.
pub const RATE: f64 = crate::rhythm::RATE;

/// The net's inputs for a piece of music, tick by tick, and their number per tick.
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
