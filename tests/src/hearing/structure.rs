//! Drops and sections.

use super::matching::{f_measure, matches};
use super::music::Music;
use super::said::{Kind, Said};
use super::score::Score;

/// A drop is found when it is said this near to its downbeat, in seconds.
const DROP: f64 = 0.05;
/// What is said this near to a drop is at least no false one, in seconds.
const NEAR: f64 = 0.5;
/// A section said within its first bar may be said at the end of it; a hop and the rounding come on top, in seconds.
const SPARE: f64 = 0.05;

/// Drops and sections of a piece whose truth knows them.
pub fn score_structure(score: &mut Score, music: &Music, said: &Said) {
    if let Some(drops) = &music.drops {
        let told = said.had(Kind::Drop);
        let near = |time: &f64| drops.iter().chain(&music.maybe_drops).any(|drop| (time - drop).abs() <= NEAR);
        score.set("drops", drops.len() as f64);
        score.set("drops-found", matches(drops, &told, DROP) as f64);
        score.set("drops-false", told.iter().filter(|time| !near(time)).count() as f64);
        score.set("drop-seconds", music.duration);
    }
    let starts: Vec<f64> = music.sections.iter().skip(1).map(|section| section.start).collect();
    if let (Some(bar), false) = (music.bar(), starts.is_empty()) {
        // That the music begins is no change of section.
        let opening = music.beats.first().copied().unwrap_or(0.0) + bar;
        let told: Vec<f64> = said.had(Kind::Section).into_iter().filter(|time| *time > opening).collect();
        score.set("sections-f", f_measure(&starts, &told, bar + SPARE));
    }
}

#[cfg(test)]
mod tests {
    use super::super::music::Section;
    use super::super::said::Event;
    use super::*;

    fn music() -> Music {
        Music {
            duration: 60.0,
            beats: vec![0.0],
            downbeats: Some((0..30).map(|bar| 2.0 * f64::from(bar)).collect()),
            drops: Some(vec![16.0, 48.0]),
            maybe_drops: vec![8.0],
            sections: [0.0, 16.0, 32.0, 48.0].map(|start| Section { start }).into(),
            ..Music::default()
        }
    }

    fn told(kind: Kind, times: &[f64]) -> Score {
        let mut said = Said::default();
        times.iter().for_each(|time| said.add(kind, Event { t: *time, emitted: *time }));
        let mut score = Score::default();
        score_structure(&mut score, &music(), &said);
        score
    }

    #[test]
    fn a_late_drop_is_not_found_but_not_false_and_a_doubtful_one_is_neither() {
        let score = told(Kind::Drop, &[8.0, 16.02, 30.0, 48.2]);
        assert_eq!((score.figure("drops-found"), score.figure("drops-false")), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn a_section_may_be_said_within_its_first_bar() {
        assert_eq!(told(Kind::Section, &[0.5, 17.9, 32.0, 49.0]).figure("sections-f"), Some(1.0));
        assert!(told(Kind::Section, &[20.0, 32.0, 49.0]).figure("sections-f") < Some(0.7));
    }
}
