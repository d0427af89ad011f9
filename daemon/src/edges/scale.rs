//! From one range to another.

/// Maps one range to another, clamped to its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The ends of the input.
    pub from: [f64; 2],
    /// The ends of the output; the second may be the lower.
    pub to: [f64; 2],
}

impl Scale {
    /// The mapped value. A range of no width maps to the start of the other.
    pub fn map(&self, value: f64) -> f64 {
        let ([from, until], [to, end]) = (self.from, self.to);
        let share = if from == until { 0.0 } else { ((value - from) / (until - from)).clamp(0.0, 1.0) };
        to + (end - to) * share
    }
}
