//! Follows what is heard: agrees at once with what fits, and doubts what does not until it stays.

use super::steering::{Pace, Steering};
use downbeat_protocol::timeline::{TEMPO_MAX, TEMPO_MIN};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// What is heard fits when its beat is this near, in beats, ...
const NEAR: f64 = 0.06;
/// ... and its tempo too, as a factor minus one.
const SIMILAR: f64 = 0.04;
/// Beats for which something that does not fit has to stay the same before it is believed.
const DOUBT_BEATS: f64 = 0.5;
/// A beat that was found a moment ago was a first guess: what contradicts it is doubted less, by the part of this many
/// seconds that have gone by, and followed at once rather than at the next beat.
const GUESS_SECONDS: f64 = 3.0;

/// Where the beat is by what is heard, octave and offset of the operator included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    /// Beats per minute.
    pub tempo: f64,
    /// A beat.
    pub beat: ShowTime,
    /// At which parts of a beat `beat` may lie: one, or less where the operator halved the tempo.
    pub unit: Beats,
}

impl Target {
    /// The line that runs through this target and is nearest to `line`.
    pub fn line(&self, line: &Timeline) -> Timeline {
        let there = line.beats_at(self.beat);
        let tempo = self.tempo.clamp(TEMPO_MIN, TEMPO_MAX);
        Timeline { tempo, beat_origin: there - self.offset(there), time_origin: self.beat, ..*line }
    }

    /// How far a count is from the nearest allowed one.
    pub fn offset(&self, count: Beats) -> Beats {
        let unit = self.unit.0.max(1);
        Beats((count.0 + unit / 2).rem_euclid(unit) - unit / 2)
    }

    /// Whether it is what `line` says anyway.
    pub fn fits(&self, line: &Timeline) -> bool {
        self.is_near(line) && self.is_similar(line)
    }

    pub fn is_near(&self, line: &Timeline) -> bool {
        self.offset(line.beats_at(self.beat)).as_f64().abs() <= NEAR
    }

    fn is_similar(&self, line: &Timeline) -> bool {
        (self.tempo / line.tempo - 1.0).abs() <= SIMILAR
    }
}

/// Follows targets with a goal.
#[derive(Clone, Debug, Default)]
pub(super) struct Following {
    /// A beat was found in this song.
    locked: bool,
    /// When that was, where it was found by hearing.
    found: Option<ShowTime>,
    /// What is heard although it does not fit, and since when.
    doubt: Option<(Timeline, ShowTime)>,
}

impl Following {
    /// Whether a beat was found in this song.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The timeline was taken over from before: there is a beat already.
    pub fn lock(&mut self) {
        self.locked = true;
    }

    /// Another song: what fitted before means nothing.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Follows what is heard. Says why when that changes the timeline visibly.
    pub fn follow(&mut self, steering: &mut Steering, target: &Target, now: ShowTime) -> Option<&'static str> {
        let goal = *steering.goal();
        if !self.locked {
            self.locked = true;
            self.found = Some(now);
            steering.aim(target.line(&goal), now, Pace::AtOnce);
            return Some("audio: beat found");
        }
        if target.fits(&goal) {
            self.doubt = None;
            steering.aim(target.line(&goal), now, Pace::Slew);
            return None;
        }
        let since = match &self.doubt {
            Some((candidate, since)) if target.fits(candidate) => *since,
            _ => now,
        };
        self.doubt = Some((target.line(&goal), since));
        let settled = self.found.map_or(1.0, |found| (now.since(found) as f64 / (GUESS_SECONDS * 1e9)).clamp(0.0, 1.0));
        if (now.since(since) as f64) < settled * DOUBT_BEATS * 60e9 / target.tempo.max(TEMPO_MIN) {
            return None;
        }
        self.doubt = None;
        let why = if target.is_similar(&goal) { "audio: beat corrected" } else { "audio: new tempo" };
        steering.aim(target.line(&goal), now, if settled < 1.0 { Pace::AtOnce } else { Pace::AtBeat });
        Some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(tempo: f64, beat_s: f64) -> Target {
        Target { tempo, beat: ShowTime::from_secs_f64(beat_s), unit: Beats::ONE }
    }

    fn locked() -> (Following, Steering) {
        let mut following = Following::default();
        following.lock();
        (following, Steering::new(Timeline::default()))
    }

    #[test]
    fn what_fits_is_followed_without_a_word() {
        let (mut following, mut steering) = locked();
        assert_eq!(following.follow(&mut steering, &target(121.0, 1.01), ShowTime::from_secs_f64(1.0)), None);
        assert_eq!(steering.goal().tempo, 121.0);
        assert_eq!(steering.goal().beats_at(ShowTime::from_secs_f64(1.01)), Beats::whole(2));
    }

    #[test]
    fn what_does_not_fit_is_believed_only_when_it_stays() {
        let (mut following, mut steering) = locked();
        let at = |seconds| ShowTime::from_secs_f64(seconds);
        assert_eq!(following.follow(&mut steering, &target(140.0, 1.2), at(1.0)), None);
        assert_eq!(following.follow(&mut steering, &target(120.0, 1.0), at(1.1)), None, "a whim");
        assert_eq!(following.follow(&mut steering, &target(140.0, 1.2), at(1.2)), None);
        assert_eq!(steering.goal().tempo, 120.0);
        assert_eq!(following.follow(&mut steering, &target(140.0, 1.2), at(1.45)), Some("audio: new tempo"));
        assert_eq!(steering.goal().tempo, 140.0);
    }

    #[test]
    fn a_first_guess_is_given_up_at_once_and_what_has_been_right_for_a_while_is_not() {
        let at = ShowTime::from_secs_f64;
        for (late, corrected) in [(0.2, Some("audio: new tempo")), (4.0, None)] {
            let (mut following, mut steering) = (Following::default(), Steering::new(Timeline::default()));
            assert_eq!(following.follow(&mut steering, &target(120.0, 1.0), at(1.0)), Some("audio: beat found"));
            let other = target(140.0, 1.0 + late);
            assert_eq!(following.follow(&mut steering, &other, at(1.0 + late)), None);
            assert_eq!(following.follow(&mut steering, &other, at(1.05 + late)), corrected, "{late}");
        }
    }

    #[test]
    fn a_halved_tempo_accepts_the_beats_between() {
        let off = Target { unit: Beats(Beats::MICRO / 2), ..target(120.0, 0.0) };
        assert_eq!(off.offset(Beats::from_f64(3.51)), Beats::from_f64(0.01));
        assert_eq!(target(120.0, 0.0).offset(Beats::from_f64(3.9)), Beats::from_f64(-0.1));
    }
}
