//! Whether confidences are accurate: of all beliefs with a confidence of 0.8, eight in ten are right.
//!
//! Four questions, each assuming yes to the one before: is there a beat, is its tempo at the true level, is it on the
//! true beat, and does the bar begin where reported.

use super::matching::nearest;
use super::music::Music;
use super::said::{Belief, Event, Kind, Said};

/// A tempo this near to the true one, as a part of it, is at its level.
const SAME: f64 = 0.04;
/// A beat this near to a true one is where it is, in seconds.
const WINDOW: f64 = 0.07;
/// The told beat by which a belief is judged lies within so many true intervals of it.
const REACH: f64 = 1.5;
/// How finely confidences are told apart.
pub const BINS: usize = 10;

/// The questions, with the figure of each.
pub const QUESTIONS: [(&str, &str); 4] =
    [("pulse", "ece-pulse"), ("level", "ece-level"), ("phase", "ece-phase"), ("one", "ece-one")];

/// Some of the answers to one question, of about the same confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many.
    pub count: f64,
    /// How many were right.
    pub right: f64,
    /// The sum of their confidences.
    pub confidence: f64,
}

/// How often confidences of each size were right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability(pub [Bin; BINS]);

impl Reliability {
    fn add(&mut self, confidence: f64, right: bool) {
        let bin = &mut self.0[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.count += 1.0;
        bin.right += f64::from(u8::from(right));
        bin.confidence += confidence;
    }

    /// How many answers there were.
    pub fn count(&self) -> f64 {
        self.0.iter().map(|bin| bin.count).sum()
    }

    /// The expected calibration error (Naeini et al. 2015): how far confidence is from the share that is right, over
    /// all answers. Not a number where there are none.
    pub fn error(&self) -> f64 {
        self.0.iter().map(|bin| (bin.confidence - bin.right).abs()).sum::<f64>() / self.count()
    }
}

/// The reliability of the answers to each of the [`QUESTIONS`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration(pub [Reliability; QUESTIONS.len()]);

impl Calibration {
    /// Of what was believed about a piece.
    pub fn of(music: &Music, said: &Said) -> Self {
        let times = |kind| said.of(kind).iter().map(|event: &Event| event.t).collect::<Vec<f64>>();
        let (beats, downbeats) = (times(Kind::Beat), times(Kind::Downbeat));
        let mut calibration = Self::default();
        for belief in &said.beliefs {
            let asked = belief.asked();
            let answers = answers(music, belief, &beats, &downbeats);
            for ((reliability, confidence), right) in calibration.0.iter_mut().zip(asked).zip(answers) {
                if let Some(right) = right {
                    reliability.add(confidence, right);
                }
            }
        }
        calibration
    }

    /// Of several pieces.
    pub fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            let bins = sum.0.iter_mut().flat_map(|it| &mut it.0);
            for (into, bin) in bins.zip(one.0.iter().flat_map(|it| &it.0)) {
                into.count += bin.count;
                into.right += bin.right;
                into.confidence += bin.confidence;
            }
        }
        sum
    }
}

/// Whether the answer to each question is yes; nothing from the first one on that cannot be asked.
fn answers(music: &Music, belief: &Belief, beats: &[f64], downbeats: &[f64]) -> [Option<bool>; 4] {
    let t = belief.t;
    let pulse = !music.no_beat && music.has_pulse(t);
    let mut answers = [Some(pulse), None, None, None];
    let Some(period) = music.period(t).filter(|_| pulse && belief.beating) else { return answers };
    let level = (belief.tempo * period / 60.0 - 1.0).abs() <= SAME;
    answers[1] = Some(level);
    if !level {
        return answers;
    }
    let told = nearest(beats, t).map(|near| beats[near]).filter(|beat| (beat - t).abs() <= REACH * period);
    let phase = told.is_some_and(|told| is_at(&music.beats, told));
    answers[2] = Some(phase);
    let truth = music.downbeats.as_deref().filter(|truth| phase && !truth.is_empty());
    let last = downbeats.partition_point(|time| *time <= t).checked_sub(1).map(|last| downbeats[last]);
    answers[3] = truth.zip(last).map(|(truth, last)| is_at(truth, last));
    answers
}

fn is_at(truth: &[f64], told: f64) -> bool {
    nearest(truth, told).is_some_and(|near| (truth[near] - told).abs() <= WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn music() -> Music {
        let beats: Vec<f64> = (0..40).map(|beat| 0.5 * f64::from(beat)).collect();
        Music { downbeats: Some(beats.iter().copied().step_by(4).collect()), beats, ..Music::default() }
    }

    /// What somebody believes who tells beats at a tempo, `off` seconds beside the truth and bars that begin `bar`
    /// beats late.
    fn believed(tempo: f64, off: f64, bar: usize) -> Calibration {
        let mut said = Said::default();
        for (index, beat) in music().beats.iter().enumerate() {
            let event = Event { t: beat + off, emitted: beat + off };
            said.add(Kind::Beat, event);
            if index % 4 == bar {
                said.add(Kind::Downbeat, event);
            }
        }
        let belief = |half: u32| Belief {
            t: 0.25 + 0.5 * f64::from(half),
            tempo,
            pulse: 0.95,
            level: 0.85,
            phase: 0.75,
            one: 0.65,
            beating: true,
        };
        said.beliefs = (0..50).map(belief).collect();
        Calibration::of(&music(), &said)
    }

    /// How many were asked each question, and how many were right.
    fn answered(calibration: &Calibration) -> [(f64, f64); 4] {
        calibration.0.map(|it| (it.count(), it.0.iter().map(|bin| bin.right).sum()))
    }

    #[test]
    fn each_question_is_asked_only_where_the_one_before_is_answered_with_yes() {
        // 39 of the 50 beliefs lie between true beats.
        assert_eq!(answered(&believed(120.0, 0.0, 0)), [(50.0, 39.0), (39.0, 39.0), (39.0, 39.0), (39.0, 39.0)]);
        assert_eq!(answered(&believed(60.0, 0.0, 0)), [(50.0, 39.0), (39.0, 0.0), (0.0, 0.0), (0.0, 0.0)]);
        assert_eq!(answered(&believed(120.0, 0.2, 0)), [(50.0, 39.0), (39.0, 39.0), (39.0, 0.0), (0.0, 0.0)]);
        let [.., one] = answered(&believed(120.0, 0.0, 2));
        assert_eq!(one, (37.0, 0.0), "before the first downbeat nobody has told one");
    }

    #[test]
    fn music_without_a_beat_has_no_pulse_to_be_sure_of() {
        let mut said = Said::default();
        said.beliefs.push(Belief { t: 3.0, tempo: 120.0, pulse: 0.3, beating: true, ..Belief::default() });
        let calibration = Calibration::of(&Music { no_beat: true, ..Music::default() }, &said);
        assert_eq!(answered(&calibration), [(1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]);
        assert!((calibration.0[0].error() - 0.3).abs() < 1e-12);
    }

    #[test]
    fn the_error_is_the_distance_from_the_share_that_is_right() {
        let mut reliability = Reliability::default();
        (0..10).for_each(|place| reliability.add(0.85, place < 8));
        assert!((reliability.error() - 0.05).abs() < 1e-9);
        // Ten more that are never right, as sure as those: a bin is judged as a whole.
        (0..10).for_each(|_| reliability.add(0.25, false));
        assert!((reliability.error() - 0.15).abs() < 1e-9);
        reliability.add(1.0, true);
        assert_eq!(reliability.0[9].count, 1.0);
        assert!(Reliability::default().error().is_nan());
    }
}
