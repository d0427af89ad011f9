//! Versions of the file.

/// A version of the file. TouchOSC opens older ones and saves its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// Written by TouchOSC until 2023, with five connections.
    Three,
    /// Written today, with ten.
    #[default]
    Five,
}

impl Version {
    /// The version with a number.
    pub fn of(number: u8) -> Option<Self> {
        match number {
            3 => Some(Self::Three),
            5 => Some(Self::Five),
            _ => None,
        }
    }

    /// Its number in the file.
    pub fn number(self) -> &'static str {
        match self {
            Self::Three => "3",
            Self::Five => "5",
        }
    }

    /// A bit for each connection; all are used.
    pub fn connections(self) -> &'static str {
        match self {
            Self::Three => "11111",
            Self::Five => "1111111111",
        }
    }
}
