//! Figures over many pieces.

use super::calibration::{Calibration, QUESTIONS};
use super::music::Music;
use super::quantiles::{median, percentile};
use super::score::Score;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Figures that are means over the pieces that have them.
const MEANS: [&str; 12] = [
    "f",
    "cmlt",
    "amlt",
    "downbeat-f",
    "tempo",
    "onset-f",
    "kick-f",
    "snare-f",
    "hat-f",
    "sections-f",
    "cpu",
    "false-per-minute",
];

/// Figures of one listener over a group of pieces, by their names; those that no piece has are missing.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    figures: BTreeMap<&'static str, f64>,
    /// How often confidences were right.
    pub calibration: Calibration,
}

impl Summary {
    /// Over some scores.
    pub fn of<'a>(scores: impl Iterator<Item = &'a Score>) -> Self {
        let scores: Vec<&Score> = scores.collect();
        let all = |name: &str| scores.iter().filter_map(|score| score.figure(name)).collect::<Vec<f64>>();
        let sum = |name: &str| all(name).iter().sum::<f64>();
        let mut figures = BTreeMap::new();
        for name in MEANS {
            let values = all(name);
            figures.insert(name, values.iter().sum::<f64>() / values.len() as f64);
        }
        figures.insert("lock", median(all("lock").into_iter()));
        figures.insert("relock", median(all("relock").into_iter()));
        let late = |pick: fn(&Score) -> &Vec<f64>| scores.iter().flat_map(move |score| pick(score).iter().copied());
        figures.insert("late-p50", 1e3 * median(late(|score| &score.beat_late)));
        figures.insert("late-p90", 1e3 * percentile(late(|score| &score.beat_late), 0.9));
        figures.insert("onset-late-p50", 1e3 * median(late(|score| &score.onset_late)));
        figures.insert("onset-late-p90", 1e3 * percentile(late(|score| &score.onset_late), 0.9));
        figures.insert("drops-found", sum("drops-found") / sum("drops"));
        figures.insert("drops-false-per-10-min", 600.0 * sum("drops-false") / sum("drop-seconds"));
        figures.insert("no-beat-share", sum("no-beat-seconds") / sum("beat-seconds"));
        figures.insert("after-false-per-minute", 60.0 * sum("after-beats") / sum("after-seconds"));
        let after = all("after-beats");
        if !after.is_empty() {
            figures.insert("after-pieces", after.iter().filter(|beats| **beats > 0.0).count() as f64);
        }
        let rest = || scores.iter().flat_map(|score| score.rest.iter().copied());
        figures.insert("rest-p50", median(rest()));
        figures.insert("rest-p95", percentile(rest(), 0.95));
        figures.insert("rest-max", percentile(rest(), 1.0));
        figures.insert("rest-elsewhere", sum("rest-elsewhere") / (sum("rest-elsewhere") + rest().count() as f64));
        let calibration = Calibration::sum(scores.iter().map(|score| &score.calibration));
        for ((_, name), reliability) in QUESTIONS.into_iter().zip(calibration.0) {
            figures.insert(name, reliability.error());
        }
        figures.insert("beat-pieces", all("f").len() as f64);
        figures.insert("onset-pieces", all("onset-f").len() as f64);
        figures.retain(|_, value| value.is_finite());
        Self { figures, calibration }
    }

    /// Without what cannot be known of a program that prints times but not when it said them.
    pub fn without_latency(mut self) -> Self {
        self.figures.retain(|name, _| !name.contains("late-"));
        self
    }

    /// Without a figure that could not be measured this time.
    pub fn without(mut self, name: &str) -> Self {
        self.figures.remove(name);
        self
    }

    /// With how much of a figure is left of what it is on the same music elsewhere.
    pub fn share_of(mut self, share: &'static str, name: &str, elsewhere: &Self) -> Self {
        let both = self.figure(name).zip(elsewhere.figure(name)).filter(|(_, whole)| *whole > 0.0);
        self.figures.extend(both.map(|(part, whole)| (share, part / whole)));
        self
    }

    /// From figures that somebody published.
    pub fn published(figures: &[(&'static str, f64)]) -> Self {
        Self { figures: figures.iter().copied().collect(), ..Self::default() }
    }

    /// A figure.
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.figures.get(name).copied()
    }

    /// All figures for programs.
    pub fn json(&self) -> Value {
        let figures = self.figures.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        Value::Object(figures.collect::<Map<_, _>>())
    }
}

/// The name under which everything is summed up.
pub const ALL: &str = "ALL";

/// The groups of some pieces with the places of their pieces: all first, then each by its name.
pub fn groups(music: &[Music]) -> Vec<(String, Vec<usize>)> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, piece) in music.iter().enumerate() {
        groups.entry(&piece.group).or_default().push(index);
    }
    let all = (ALL.to_owned(), (0..music.len()).collect());
    std::iter::once(all).chain(groups.into_iter().map(|(name, places)| (name.to_owned(), places))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_without_a_figure_do_not_count_in_its_mean() {
        let mut scores = [Score::default(), Score::default(), Score::default()];
        scores[0].set("f", 0.5);
        scores[2].set("f", 1.0);
        scores[0].set("drops", 3.0);
        scores[0].set("drops-found", 2.0);
        scores[1].set("drops", 1.0);
        scores[1].set("drops-found", 1.0);
        let summary = Summary::of(scores.iter());
        assert_eq!((summary.figure("f"), summary.figure("beat-pieces")), (Some(0.75), Some(2.0)));
        assert_eq!((summary.figure("drops-found"), summary.figure("onset-f")), (Some(0.75), None));
    }

    #[test]
    fn music_without_beats_is_weighed_by_its_time() {
        let mut scores = [Score::default(), Score::default()];
        for (score, (without, all)) in scores.iter_mut().zip([(10.0, 20.0), (0.0, 60.0)]) {
            score.set("no-beat-seconds", without);
            score.set("beat-seconds", all);
        }
        scores[1].set("after-beats", 3.0);
        scores[1].set("after-seconds", 90.0);
        scores[0].rest = vec![0.1, 0.2, 0.3];
        scores[0].set("rest-elsewhere", 1.0);
        let summary = Summary::of(scores.iter());
        let names =
            ["no-beat-share", "after-false-per-minute", "after-pieces", "rest-p50", "rest-max", "rest-elsewhere"];
        assert_eq!(names.map(|name| summary.figure(name)), [0.125, 2.0, 1.0, 0.2, 0.3, 0.25].map(Some));
    }

    #[test]
    fn latency_can_be_left_out() {
        let summary = Summary::published(&[("f", 0.5), ("late-p90", 3.0), ("onset-late-p50", 1.0)]).without_latency();
        assert_eq!((summary.figure("f"), summary.figure("late-p90")), (Some(0.5), None));
        assert_eq!(summary.figure("onset-late-p50"), None);
    }
}
