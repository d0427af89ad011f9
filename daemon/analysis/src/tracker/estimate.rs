//! Where in the beat the pointer is.

/// Where the pointer most probably is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Ticks from beat to beat.
    pub period: f64,
    /// How much of the beat has passed, `[0, 1)`.
    pub phase: f64,
}
