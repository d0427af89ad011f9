//! Pumping: everything except drums makes room for the kick, like a compressor with the kick in its side-chain.

use crate::LENGTH;
use crate::score::{Drum, Score, form};
use crate::synth::samples;

/// How far the duck has come at each sample: 0 open, 1 fully down.
pub struct Pump(Vec<f32>);

impl Pump {
    /// The gain at a sample when the kick takes away up to `depth`.
    pub fn gain(&self, at: usize, depth: f64) -> f64 {
        1.0 - depth * f64::from(self.0[at])
    }
}

/// Down within three milliseconds of a kick, back before the next beat.
pub fn pump(score: &Score) -> Pump {
    let mut duck = vec![0.0f32; LENGTH];
    for hit in score.hits.iter().filter(|hit| hit.drum == Drum::Kick) {
        let back = 0.82 * form::beat_samples(hit.at) as f64;
        let down = samples(0.003) as f64;
        let end = (hit.at + back as usize).min(LENGTH);
        for (since, deepest) in duck[hit.at..end].iter_mut().enumerate() {
            let since = since as f64;
            let way = 1.0 - since / back;
            let level = (since / down).min(1.0) * way * way * (3.0 - 2.0 * way);
            *deepest = deepest.max((level * hit.velocity) as f32);
        }
    }
    Pump(duck)
}
