//! Hand clap: three quick bursts of noise, and the room after them.

use crate::synth::{Decay, Filter, Noise, Stereo, samples, soft_clip};

/// Where the three hands meet, in seconds.
const HANDS: [f64; 3] = [0.0, 0.0095, 0.0205];

/// The clap; `variation` changes the noise.
pub fn clap(variation: u64) -> Stereo {
    let mut sound = Stereo::silence(samples(0.35));
    for (side, out) in [&mut sound.left, &mut sound.right].into_iter().enumerate() {
        let mut noise = Noise::new(40 + 2 * variation + side as u64);
        let (mut body, mut bright) = (Filter::new(1250.0, 1.3), Filter::new(900.0, 0.7));
        let mut tail = Decay::new(0.055);
        let mut burst = Decay::new(0.004);
        for (at, sample) in out.iter_mut().enumerate() {
            if HANDS.iter().any(|hand| samples(*hand) == at) {
                burst = Decay::new(0.004);
            }
            let level = if at < samples(HANDS[2]) { burst.next() } else { 0.35 * burst.next() + 0.65 * tail.next() };
            *sample = soft_clip(2.6 * level * bright.high(body.band(noise.next()))) as f32;
        }
    }
    sound
}
