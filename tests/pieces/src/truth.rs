//! The exact truth about a piece.

use serde::{Deserialize, Serialize};

/// The truth about a piece; times are seconds from its first sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The piece's name, and its file's.
    pub id: String,
    /// The set that it belongs to: `pieces`.
    pub set: String,
    /// `dance`, `band`, `metre`, `stress` or `nothing`.
    pub group: String,
    /// Who may use it.
    pub licence: String,
    /// Where it comes from.
    pub source: String,
    /// How the truth is known.
    pub truth: String,
    /// Length.
    pub duration: f64,
    /// Beats per minute, where it is one tempo throughout.
    pub tempo: Option<f64>,
    /// Beats of a bar; 0 without beats.
    pub meter: usize,
    /// Whether it has no beat: everything that is said about beats is then false.
    pub no_beat: bool,
    /// Every beat, also where nothing strikes it.
    pub beats: Vec<f64>,
    /// Every first beat of a bar.
    pub downbeats: Vec<f64>,
    /// Where something begins to sound; together within 30 ms counts once. None where nobody can say, as in speech.
    pub onsets: Option<Vec<f64>>,
    /// Hits by their kind.
    pub drums: Drums,
    /// The parts, in order and without gaps; none where the piece is one or nobody could say.
    pub sections: Vec<Section>,
    /// Where kick and bass return at full strength after a part that held them back.
    pub drops: Vec<f64>,
    /// Where somebody might call it a drop: saying so is neither right nor wrong.
    pub maybe_drops: Vec<f64>,
}

/// Hits of the three kinds that are told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drums {
    /// Bass drums.
    pub kick: Vec<f64>,
    /// Snares, claps and rims; together they count once.
    pub snare: Vec<f64>,
    /// Hi-hats, closed and open; together they count once.
    pub hat: Vec<f64>,
}

/// A part of a piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its first downbeat; the first part begins with the piece.
    pub start: f64,
    /// Where the next part begins, or the end of the piece.
    pub end: f64,
    /// `intro`, `build-up`, `drop`, `breakdown`, `verse`, `chorus`, `bridge`, `groove` or `outro`.
    pub name: String,
}

impl Truth {
    /// What is the same for all pieces.
    pub fn of(id: &str, group: &str, duration: f64) -> Self {
        Self {
            id: id.into(),
            set: "pieces".into(),
            group: group.into(),
            licence: "MIT OR Apache-2.0".into(),
            source: "rendered by downbeat-pieces".into(),
            truth: "exact".into(),
            duration,
            ..Self::default()
        }
    }

    /// A piece without beats.
    pub fn without_beats(id: &str, duration: f64, onsets: Option<Vec<f64>>) -> Self {
        Self { no_beat: true, onsets, ..Self::of(id, "nothing", duration) }
    }
}

/// Times in order, those within `together` seconds of the one before left out, rounded to a hundredth of a millisecond.
pub fn merged(times: impl IntoIterator<Item = f64>, together: f64) -> Vec<f64> {
    let mut times: Vec<f64> = times.into_iter().collect();
    times.sort_by(f64::total_cmp);
    let mut kept: Vec<f64> = Vec::new();
    for time in times {
        if kept.last().is_none_or(|last| time - last > together) {
            kept.push((time * 1e5).round() / 1e5);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sounds_together_counts_once() {
        assert_eq!(merged([1.0, 0.5, 1.02, 1.04, 0.5], 0.03), vec![0.5, 1.0, 1.04]);
    }
}
