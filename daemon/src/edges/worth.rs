//! What a packet is worth when it is late.

/// What a packet is worth when it is late. Whoever holds packets back looks at this before sending them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A beat: worth something only near its moment.
    Pulse,
    /// A value that the next one replaces, or a press: worth something for a moment.
    Moving,
    /// An "off", a value that stays: without it, the receiver stays wrong for good. Once another daemon leads, that one
    /// tells how things are.
    Lasting,
    /// The release of what this daemon has pressed: nobody else does that, whoever leads.
    Release,
}

impl Worth {
    /// Whether it waits until it can be sent.
    pub fn lasts(self) -> bool {
        matches!(self, Self::Lasting | Self::Release)
    }
}
