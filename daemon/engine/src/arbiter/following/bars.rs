//! The start of the bar, from the leading reference unless the operator has set it.

use crate::arbiter::reference::{BarPlace, Reference};
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// Confidence from which a downbeat counts.
const SURE: f32 = 0.5;

/// The bars of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    /// Distance of its downbeat from the reported one, in beats.
    shift: i64,
    beats_per_bar: u8,
}

/// Follows downbeats that differ from the reported ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars {
    claim: Option<(Claim, ShowTime)>,
}

impl Bars {
    /// The bar origin and the beats in a bar that `line` should have, once the reference has claimed the same for a
    /// whole bar. `beat` is the count, by `line`, of the reference's beat.
    pub fn follow(&mut self, reference: &Reference, beat: i64, line: &Timeline, now: ShowTime) -> Option<(Beats, u8)> {
        let sure = reference.sure.bar >= SURE;
        let Some(place) = reference.bar.filter(|place| sure && place.is_possible()) else {
            self.claim = None;
            return None;
        };
        let length = i64::from(place.beats_per_bar);
        let origin = line.bar_origin.round();
        let (count, cycle) = count(&place, line);
        let late = (beat - count - origin).rem_euclid(cycle);
        // The smallest shift keeps phrases in place as far as possible.
        let shift = if late > cycle / 2 { late - cycle } else { late };
        let claim = Claim { shift, beats_per_bar: place.beats_per_bar };
        if shift == 0 && place.beats_per_bar == line.beats_per_bar {
            self.claim = None;
            return None;
        }
        let since = self.claim.filter(|(earlier, _)| *earlier == claim).map_or(now, |(_, since)| since);
        self.claim = Some((claim, since));
        if (now.since(since) as f64) < line.beat_ns() * length as f64 {
            return None;
        }
        self.claim = None;
        Some((Beats::whole(origin + shift), claim.beats_per_bar))
    }
}

/// The beats since the start of the bar, or of the phrase if known, and its length in beats.
fn count(place: &BarPlace, line: &Timeline) -> (i64, i64) {
    let [beat, length] = [place.beat_in_bar, place.beats_per_bar].map(i64::from);
    let bars = i64::from(line.bars_per_phrase);
    match place.bar_in_phrase.map(i64::from).filter(|bar| *bar < bars) {
        Some(bar) => (bar * length + beat, bars * length),
        None => (beat, length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbiter::confidences::Confidences;
    use crate::arbiter::reference::Source;

    /// The result of `bars` for beats at 120 BPM, starting at this place; every beat has this `confidence`.
    fn follow(first: BarPlace, beats: i64, confidence: f32) -> Option<(Beats, u8)> {
        let mut bars = Bars::default();
        let length = i64::from(first.beats_per_bar);
        (0..beats).find_map(|beat| {
            let count = i64::from(first.beat_in_bar) + beat;
            let bar_in_phrase = first.bar_in_phrase.map(|bar| ((i64::from(bar) + count / length) % 4) as u8);
            let place = BarPlace { beat_in_bar: (count % length) as u8, bar_in_phrase, ..first };
            let now = Timeline::default().time_of(Beats::whole(beat));
            let reference = Reference {
                source: Source::Bus(0),
                moment: now,
                tempo: 120.0,
                beat_phase: 0.0,
                bar: Some(place),
                sure: Confidences { bar: confidence, ..Confidences::SURE },
            };
            bars.follow(&reference, beat, &Timeline::default(), now)
        })
    }

    /// A beat in a bar of this many.
    fn beat(beat_in_bar: u8, beats_per_bar: u8) -> BarPlace {
        BarPlace { beats_per_bar, beat_in_bar, bar_in_phrase: None }
    }

    #[test]
    fn a_downbeat_that_stays_elsewhere_for_a_bar_moves_the_bar() {
        assert_eq!(follow(beat(3, 4), 5, 0.9), Some((Beats::whole(1), 4)));
        assert_eq!(follow(beat(1, 4), 5, 0.9), Some((Beats::whole(-1), 4)), "by the smallest shift");
        assert_eq!(follow(beat(3, 4), 4, 0.9), None, "not yet a bar");
        assert_eq!(follow(beat(0, 4), 20, 0.9), None, "where it is told");
        assert_eq!(follow(beat(3, 4), 20, 0.4), None, "not sure");
    }

    #[test]
    fn a_waltz_changes_the_length_of_the_bar() {
        assert_eq!(follow(beat(0, 3), 8, 0.9), Some((Beats::ZERO, 3)));
    }

    #[test]
    fn a_reference_that_knows_its_phrase_moves_that_too() {
        let in_phrase = |bar| BarPlace { bar_in_phrase: Some(bar), ..beat(0, 4) };
        assert_eq!(follow(in_phrase(0), 20, 0.9), None, "where it is told");
        assert_eq!(follow(in_phrase(3), 20, 0.9), Some((Beats::whole(4), 4)), "the next bar begins a phrase");
    }
}
