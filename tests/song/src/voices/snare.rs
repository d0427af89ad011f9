//! Snare drum: two tones of the skin under the noise of the wires.

use crate::synth::{Decay, Filter, Noise, Sine, Stereo, samples, soft_clip};

/// The snare; `variation` changes the noise.
pub fn snare(variation: u64) -> Stereo {
    let (mut low, mut high) = (Sine::default(), Sine::default());
    let (mut skin, mut bend) = (Decay::new(0.035), Decay::new(0.01));
    let mut wires = Decay::new(0.048);
    let mut sides = [0, 1].map(|side| (Noise::new(20 + 2 * variation + side), Filter::new(1400.0, 0.6)));
    Stereo::collect((0..samples(0.32)).map(|_| {
        let (skin, bend, wires) = (skin.next(), 1.0 + 0.4 * bend.next(), wires.next());
        let tone = skin * (0.6 * low.next(186.0 * bend, 0.2) + 0.35 * high.next(331.0 * bend, 0.2));
        let mut side = |index: usize| {
            let (noise, filter) = &mut sides[index];
            soft_clip(tone + 0.75 * wires * filter.high(noise.next()))
        };
        (side(0), side(1))
    }))
}
