//! What a reference changes of the timeline that people notice.

/// A visible change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adjustment {
    /// A beat was found where there was none.
    BeatFound,
    /// The beat is elsewhere.
    BeatCorrected,
    /// The tempo is another one.
    NewTempo,
    /// The bar begins elsewhere.
    Downbeat,
}

impl Adjustment {
    /// What changed, in words for the operator.
    pub fn words(self) -> &'static str {
        match self {
            Self::BeatFound => "beat found",
            Self::BeatCorrected => "beat corrected",
            Self::NewTempo => "new tempo",
            Self::Downbeat => "downbeat",
        }
    }
}
