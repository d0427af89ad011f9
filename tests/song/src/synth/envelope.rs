//! Attack and decay of a sound.

use super::{RATE, exp2};

/// Falls by half in every half-life.
pub struct Decay {
    level: f64,
    step: f64,
}

impl Decay {
    /// From 1 on; `half_life` in seconds.
    pub fn new(half_life: f64) -> Self {
        Self { level: 1.0, step: exp2(-1.0 / (half_life * RATE)) }
    }

    /// The next level.
    pub fn next(&mut self) -> f64 {
        let level = self.level;
        self.level *= self.step;
        level
    }
}

/// Attack, decay, sustain, release of one note; times in seconds.
#[derive(Clone, Copy)]
pub struct Adsr {
    /// From nothing to full, in a straight line.
    pub attack: f64,
    /// Half-life of the fall towards `sustain`.
    pub decay: f64,
    /// Level of a held note.
    pub sustain: f64,
    /// From the note's end to nothing, as a parabola.
    pub release: f64,
}

impl Adsr {
    /// Level at each sample of a note that is held for `held` samples.
    pub fn levels(self, held: usize) -> impl Iterator<Item = f64> {
        let release = (self.release * RATE).round() as usize;
        let attack = self.attack * RATE;
        let mut decay = Decay::new(self.decay);
        let mut last = 0.0;
        (0..held + release).map(move |at| {
            if at < held {
                let position = at as f64;
                last = if position < attack {
                    position / attack
                } else {
                    self.sustain + (1.0 - self.sustain) * decay.next()
                };
                last
            } else {
                let left = 1.0 - (at - held) as f64 / release as f64;
                last * left * left
            }
        })
    }
}
