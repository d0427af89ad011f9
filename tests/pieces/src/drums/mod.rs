//! Drums: each piece has its own kit.

mod cymbal;
mod kick;
mod kit;
mod percussion;
mod snare;
mod style;

pub use kit::Kit;
pub use style::Style;

/// Something that is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drum {
    /// Bass drum.
    Kick,
    /// Snare drum.
    Snare,
    /// Hands together.
    Clap,
    /// The stick across the snare's rim.
    Rim,
    /// Closed hi-hat.
    Closed,
    /// Open hi-hat.
    Open,
    /// Ride cymbal.
    Ride,
    /// Crash cymbal.
    Crash,
    /// A tom-tom; fills go down the three.
    Tom(u8),
    /// A shaker or tambourine.
    Shaker,
    /// A hand drum.
    Conga,
}

/// The three kinds of hit that the truth lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Bass drums.
    Kick,
    /// Snares, claps and rims.
    Snare,
    /// Hi-hats, closed and open.
    Hat,
}

impl Drum {
    /// Which list of the truth it goes into, if any.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Kick => Some(Class::Kick),
            Self::Snare | Self::Clap | Self::Rim => Some(Class::Snare),
            Self::Closed | Self::Open => Some(Class::Hat),
            _ => None,
        }
    }
}

/// One hit.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// What is hit.
    pub drum: Drum,
    /// When, in seconds.
    pub time: f64,
    /// `(0, 1]`.
    pub velocity: f64,
}
