//! The faults of one way of a link.

/// What happens to frames on their way. All shares are `[0, 1]`, all times nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// What every frame takes.
    pub delay: f64,
    /// Mean of the exponential delay on top of it. It keeps the order, as a queue does.
    pub jitter: f64,
    /// How often a frame, and all behind it, has to wait for up to so long.
    pub burst: (f64, f64),
    /// How often a frame is lost.
    pub loss: f64,
    /// How often a frame comes twice.
    pub duplicate: f64,
    /// How often a frame overtakes those before it.
    pub overtake: f64,
    /// Bits a second, without bound when 0.
    pub rate: f64,
    /// Nothing passes.
    pub cut: bool,
}
