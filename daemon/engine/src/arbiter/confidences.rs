//! How surely something that is said of the beat is right: four questions, each given that the answer to the one before
//! it is yes.

/// How surely each is right, `[0, 1]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confidences {
    /// There is a beat.
    pub pulse: f32,
    /// Its tempo is at the level at which people tap.
    pub level: f32,
    /// It is where people tap.
    pub phase: f32,
    /// The bar begins where it is told to.
    pub bar: f32,
}

impl Confidences {
    /// A person says so, or a machine that knows.
    pub const SURE: Self = Self { pulse: 1.0, level: 1.0, phase: 1.0, bar: 1.0 };
}
