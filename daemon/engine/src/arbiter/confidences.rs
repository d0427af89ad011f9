//! Confidence in a beat: four questions, each assuming yes to the one before.

/// The four confidences, `[0, 1]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confidences {
    /// There is a beat.
    pub pulse: f32,
    /// Its tempo is the one that people tap, not half or double.
    pub level: f32,
    /// It is where people tap.
    pub phase: f32,
    /// The bar begins where reported.
    pub bar: f32,
}

impl Confidences {
    /// Certain: stated by a person, or by a machine that knows.
    pub const SURE: Self = Self { pulse: 1.0, level: 1.0, phase: 1.0, bar: 1.0 };
}
