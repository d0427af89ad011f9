//! The style of a piece's drums.

/// What kind of drums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The drum machine of house and techno.
    Machine,
    /// The drum machine with the long bass drum.
    Boom,
    /// A drum kit in a room.
    Acoustic,
    /// A drum kit on an old record.
    Dusty,
    /// A sampled drum solo, sped up.
    Break,
}
