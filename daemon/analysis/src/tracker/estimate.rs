//! The pointer's position in the beat.

/// The most probable position of the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Ticks per beat.
    pub period: f64,
    /// The phase, `[0, 1)`.
    pub phase: f64,
}
