//! Visible changes of the timeline by a reference.

/// A visible change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adjustment {
    /// A beat was found where there was none.
    BeatFound,
    /// The beat has moved.
    BeatCorrected,
    /// The tempo is different.
    NewTempo,
    /// The start of the bar has moved.
    Downbeat,
}

impl Adjustment {
    /// The change, for the operator.
    pub fn words(self) -> &'static str {
        match self {
            Self::BeatFound => "beat found",
            Self::BeatCorrected => "beat corrected",
            Self::NewTempo => "new tempo",
            Self::Downbeat => "downbeat",
        }
    }
}
