//! Whether beats are reported while the music has some, and only then.

use super::music::Music;
use super::said::{Kind, Said};
use super::score::Score;

/// A true beat is without told ones when none lies within so many of its intervals: a tracker at half or a third of the
/// tempo, or beside the beat, still tells beats.
const REACH: f64 = 1.5;
/// After the end of the music a tracker may go on for an empty bar, but not for longer than this, in seconds.
const LONGEST_BAR: f64 = 3.0;
/// Beats in a bar where nobody knows.
const BAR: f64 = 4.0;
/// The condition in which something else sounds after the music; elsewhere the truth may end before the music does.
const AFTER: &str = "after";

/// Seconds of beats, and how many of them passed without any told.
pub fn score_absence(score: &mut Score, music: &Music, said: &Said) {
    let told = said.had(Kind::Beat);
    let (mut all, mut without) = (0.0, 0.0);
    for (beat, interval) in music.intervals() {
        all += interval;
        let next = told.partition_point(|time| *time < beat - REACH * interval);
        if told.get(next).is_none_or(|time| *time > beat + REACH * interval) {
            without += interval;
        }
    }
    score.set("beat-seconds", all);
    score.set("no-beat-seconds", without);
}

/// Beats that were told after the music had ended, and for how long there were none.
pub fn score_after(score: &mut Score, music: &Music, said: &Said) {
    let Some(last) = music.beats.last().filter(|_| music.condition() == Some(AFTER)) else { return };
    let bar = music.bar().or(music.period(*last).map(|period| BAR * period)).unwrap_or(LONGEST_BAR);
    let over = last + bar.min(LONGEST_BAR);
    score.set("after-beats", said.of(Kind::Beat).iter().filter(|beat| beat.t > over).count() as f64);
    score.set("after-seconds", (music.duration - over).max(0.0));
}

#[cfg(test)]
mod tests {
    use super::super::said::Event;
    use super::*;

    fn scored(told: impl Iterator<Item = f64>, score_of: fn(&mut Score, &Music, &Said)) -> Score {
        let beats = (0..40).map(|beat| 0.5 * f64::from(beat)).collect();
        let music = Music { group: "room_after".into(), duration: 81.5, beats, ..Music::default() };
        let mut said = Said::default();
        told.for_each(|t| said.add(Kind::Beat, Event { t, emitted: t }));
        let mut score = Score::default();
        score_of(&mut score, &music, &said);
        score
    }

    #[test]
    fn half_the_tempo_is_told_all_the_same_and_silence_is_not() {
        let absence = |told: Vec<f64>| {
            let score = scored(told.into_iter(), score_absence);
            (score.figure("no-beat-seconds"), score.figure("beat-seconds"))
        };
        assert_eq!(absence((0..20).map(f64::from).collect()), (Some(0.0), Some(19.5)));
        assert_eq!(absence(vec![]), (Some(19.5), Some(19.5)));
        // Found at 10 s: the beats from 9.5 s on are near enough to a told one.
        assert_eq!(absence((10..20).map(f64::from).collect()).0, Some(9.5));
    }

    #[test]
    fn an_empty_bar_is_allowed_after_the_end_and_nothing_more() {
        let score = scored((0..100).map(|beat| 0.5 * f64::from(beat)), score_after);
        // The last true beat is at 19.5 s, the bar after it at 21.5 s; beats are told until 49.5 s.
        assert_eq!((score.figure("after-beats"), score.figure("after-seconds")), (Some(56.0), Some(60.0)));
    }
}
