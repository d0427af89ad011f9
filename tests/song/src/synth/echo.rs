//! A ping-pong echo.

use super::{Filter, Stereo};

/// What is repeated, and how.
pub struct Echo {
    /// What each repeat keeps of the one before it, `[0, 1)`.
    pub feedback: f64,
    /// Repeats lose what is above, in Hz.
    pub high_cut: f64,
}

impl Echo {
    /// The repeats alone. `delay` gives the distance in samples at each moment; a new distance starts a new echo, so
    /// that it keeps to the beat when the tempo changes.
    pub fn answer(&self, sound: &Stereo, delay: impl Fn(usize) -> usize) -> Stereo {
        let mut answer = Stereo::silence(sound.len());
        let mut filters = [Filter::new(self.high_cut, 0.6), Filter::new(self.high_cut, 0.6)];
        for at in 0..sound.len() {
            let Some(past) = at.checked_sub(delay(at)) else { continue };
            let dry = 0.5 * f64::from(sound.left[past] + sound.right[past]);
            let from_left = self.feedback * f64::from(answer.left[past]);
            let from_right = self.feedback * f64::from(answer.right[past]);
            answer.add(at, filters[0].low(dry + from_right), filters[1].low(from_left));
        }
        answer
    }
}
