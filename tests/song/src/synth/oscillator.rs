//! Tones. Edges are rounded by a polynomial (PolyBLEP, Välimäki & Huovilainen 2007), so that high notes do not alias.

use super::{RATE, sine};

/// A sawtooth.
pub struct Saw {
    phase: f64,
    step: f64,
}

impl Saw {
    /// `phase` in turns.
    pub fn new(hertz: f64, phase: f64) -> Self {
        Self { phase: phase - phase.floor(), step: hertz / RATE }
    }

    /// The next sample at a bent pitch: `bend` multiplies the frequency.
    pub fn next(&mut self, bend: f64) -> f64 {
        let step = self.step * bend;
        let sample = 2.0 * self.phase - 1.0 - edge(self.phase, step);
        self.phase += step;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
        }
        sample
    }
}

/// A rectangle.
pub struct Pulse {
    phase: f64,
    step: f64,
    width: f64,
}

impl Pulse {
    /// `width` in `(0, 1)`; one half is a square.
    pub fn new(hertz: f64, width: f64) -> Self {
        Self { phase: 0.0, step: hertz / RATE, width }
    }

    /// The next sample at a bent pitch.
    pub fn next(&mut self, bend: f64) -> f64 {
        let step = self.step * bend;
        let fall = self.phase + 1.0 - self.width;
        let fall = fall - fall.floor();
        let level = if self.phase < self.width { 1.0 } else { -1.0 };
        let sample = level + edge(self.phase, step) - edge(fall, step) - (2.0 * self.width - 1.0);
        self.phase += step;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
        }
        sample
    }
}

/// A sine whose frequency may change at every sample.
#[derive(Default)]
pub struct Sine {
    phase: f64,
}

impl Sine {
    /// The next sample at a frequency, shifted by `shift` turns.
    pub fn next(&mut self, hertz: f64, shift: f64) -> f64 {
        let sample = sine(self.phase + shift);
        self.phase += hertz / RATE;
        self.phase -= self.phase.floor();
        sample
    }
}

/// What rounds a rising edge of height two at phase zero.
fn edge(phase: f64, step: f64) -> f64 {
    if phase < step {
        let x = phase / step;
        x + x - x * x - 1.0
    } else if phase > 1.0 - step {
        let x = (phase - 1.0) / step;
        x * x + x + x + 1.0
    } else {
        0.0
    }
}
