//! From one range to another.

/// Maps what lies in one range to another; beyond its ends it stays at the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The ends of what comes in.
    pub from: [f64; 2],
    /// Where they go; the second may be the lower one.
    pub to: [f64; 2],
}

impl Scale {
    /// What a value becomes. A range of no width goes to the beginning of the other.
    pub fn map(&self, value: f64) -> f64 {
        let ([from, until], [to, end]) = (self.from, self.to);
        let share = if from == until { 0.0 } else { ((value - from) / (until - from)).clamp(0.0, 1.0) };
        to + (end - to) * share
    }
}
