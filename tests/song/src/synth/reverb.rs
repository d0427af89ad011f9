//! A room: eight delay lines that feed each other (feedback delay network, Jot & Chaigne 1991).

use super::{Filter, RATE, Stereo, exp2};

/// Lengths without common divisors, 30 to 58 ms, so that echoes do not pile up.
const LINES: [usize; 8] = [1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797];

/// How a room sounds.
pub struct Reverb {
    /// Seconds until an echo has fallen by 60 dB.
    pub seconds: f64,
    /// Echoes above lose their treble soonest; in Hz.
    pub damping: f64,
    /// Nothing below enters the room, so that the bass stays clear; in Hz.
    pub low_cut: f64,
}

impl Reverb {
    /// The room's answer alone, as long as the sound.
    pub fn answer(&self, sound: &Stereo) -> Stereo {
        let mut lines = LINES.map(|length| vec![0.0; length]);
        // 60 dB are log2(1000) halvings.
        let gains = LINES.map(|length| exp2(-9.965_784_284_662_087 * length as f64 / (self.seconds * RATE)));
        let mut dampers = LINES.map(|_| Filter::new(self.damping, 0.5));
        let mut cuts = [Filter::new(self.low_cut, 0.7), Filter::new(self.low_cut, 0.7)];
        let mut answer = Stereo::silence(sound.len());
        for at in 0..sound.len() {
            let input = [cuts[0].high(f64::from(sound.left[at])), cuts[1].high(f64::from(sound.right[at]))];
            let mut heard = [0.0; 8];
            for (line, out) in heard.iter_mut().enumerate() {
                *out = dampers[line].low(lines[line][at % LINES[line]]) * gains[line];
            }
            // Householder reflection: every line feeds every other without loss.
            let share = heard.iter().sum::<f64>() * 0.25;
            for (line, out) in heard.iter().enumerate() {
                lines[line][at % LINES[line]] = out - share + input[line % 2];
            }
            let left = heard[0] - heard[2] + heard[4] - heard[6];
            let right = heard[1] - heard[3] + heard[5] - heard[7];
            answer.add(at, 0.5 * left, 0.5 * right);
        }
        answer
    }
}
