//! What a packet is worth when it is late.

/// What a packet is worth when it is late. Whoever holds packets back looks at this before sending them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A beat: worth something only near its moment.
    Pulse,
    /// A value that the next one replaces, or a press: worth something for a moment.
    Moving,
    /// A release, an "off", a value that stays: without it, the receiver stays wrong for good.
    Lasting,
}
