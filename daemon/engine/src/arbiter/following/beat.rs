//! The position of the beat: accepts what fits at once, and what does not once it persists.

use crate::arbiter::adjustment::Adjustment;
use crate::arbiter::steering::{Pace, Steering};
use crate::arbiter::target::Target;
use downbeat_protocol::timeline::TEMPO_MIN;
use downbeat_protocol::{ShowTime, Timeline};

/// Beats for which a contradiction must persist before it is accepted.
const DOUBT_BEATS: f64 = 0.5;
/// A beat found a moment ago is a first guess: within this many seconds, a contradiction needs less persistence, in
/// proportion to the time passed, and is followed at once rather than at the next beat.
const GUESS_SECONDS: f64 = 3.0;

/// After a time without audio the trackers are new, and their first guesses of the tempo are worse than the tempo from
/// before: for this long, another tempo must persist for that many beats before it is accepted.
const CARRIED: i64 = 12_000_000_000;
const CARRIED_DOUBT_BEATS: f64 = 8.0;

/// Follows targets with the beat.
#[derive(Clone, Debug, Default)]
pub(super) struct Beat {
    /// A beat was found in this song.
    locked: bool,
    /// When that was, unless it was inherited.
    found: Option<ShowTime>,
    /// Until when a known tempo is worth more than a new one.
    carried_until: Option<ShowTime>,
    /// The current contradiction, and since when.
    doubt: Option<(Timeline, ShowTime)>,
}

impl Beat {
    /// Whether a beat was found in this song.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The timeline was inherited: there is a beat already.
    pub fn lock(&mut self) {
        self.locked = true;
    }

    /// The beat went on by the clock until now, and the trackers are new.
    pub fn carried(&mut self, now: ShowTime) {
        self.carried_until = Some(now.offset(CARRIED));
    }

    /// Another song: earlier agreement means nothing.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Follows a target. Returns how, if that changes the timeline visibly.
    pub fn follow(&mut self, steering: &mut Steering, target: &Target, now: ShowTime) -> Option<Adjustment> {
        let goal = *steering.goal();
        if !self.locked {
            self.locked = true;
            self.found = Some(now);
            steering.aim(target.line(&goal), now, Pace::AtOnce);
            return Some(Adjustment::BeatFound);
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
        let carried = self.carried_until.is_some_and(|until| now < until) && !target.is_similar(&goal);
        let doubt_beats = if carried { CARRIED_DOUBT_BEATS } else { settled * DOUBT_BEATS };
        if (now.since(since) as f64) < doubt_beats * 60e9 / target.tempo.max(TEMPO_MIN) {
            return None;
        }
        self.doubt = None;
        let adjustment = if target.is_similar(&goal) { Adjustment::BeatCorrected } else { Adjustment::NewTempo };
        steering.aim(target.line(&goal), now, if settled < 1.0 { Pace::AtOnce } else { Pace::AtBeat });
        Some(adjustment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Beats;

    fn target(tempo: f64, beat_s: f64) -> Target {
        Target { tempo, beat: ShowTime::from_secs_f64(beat_s), unit: Beats::ONE }
    }

    fn locked() -> (Beat, Steering) {
        let mut beat = Beat::default();
        beat.lock();
        (beat, Steering::new(Timeline::default()))
    }

    #[test]
    fn what_fits_is_followed_without_a_word() {
        let (mut beat, mut steering) = locked();
        assert_eq!(beat.follow(&mut steering, &target(121.0, 1.01), ShowTime::from_secs_f64(1.0)), None);
        assert_eq!(steering.goal().tempo, 121.0);
        assert_eq!(steering.goal().beats_at(ShowTime::from_secs_f64(1.01)), Beats::whole(2));
    }

    #[test]
    fn what_does_not_fit_is_believed_only_when_it_stays() {
        let (mut beat, mut steering) = locked();
        let at = |seconds| ShowTime::from_secs_f64(seconds);
        assert_eq!(beat.follow(&mut steering, &target(140.0, 1.2), at(1.0)), None);
        assert_eq!(beat.follow(&mut steering, &target(120.0, 1.0), at(1.1)), None, "a whim");
        assert_eq!(beat.follow(&mut steering, &target(140.0, 1.2), at(1.2)), None);
        assert_eq!(steering.goal().tempo, 120.0);
        assert_eq!(beat.follow(&mut steering, &target(140.0, 1.2), at(1.45)), Some(Adjustment::NewTempo));
        assert_eq!(steering.goal().tempo, 140.0);
    }

    #[test]
    fn a_first_guess_is_given_up_at_once_and_what_has_been_right_for_a_while_is_not() {
        let at = ShowTime::from_secs_f64;
        for (late, corrected) in [(0.2, Some(Adjustment::NewTempo)), (4.0, None)] {
            let (mut beat, mut steering) = (Beat::default(), Steering::new(Timeline::default()));
            assert_eq!(beat.follow(&mut steering, &target(120.0, 1.0), at(1.0)), Some(Adjustment::BeatFound));
            let other = target(140.0, 1.0 + late);
            assert_eq!(beat.follow(&mut steering, &other, at(1.0 + late)), None);
            assert_eq!(beat.follow(&mut steering, &other, at(1.05 + late)), corrected, "{late}");
        }
    }
}
