//! Where the bar begins: by what is heard, unless the operator has said so.

use crate::Heard;
use downbeat_protocol::{Beats, ShowTime, Timeline};

/// From this confidence on a heard downbeat counts.
const SURE: f32 = 0.5;

/// What the music would have the bars be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    /// How far the heard downbeat is from the told one, in beats.
    shift: i64,
    beats_per_bar: u8,
}

/// Listens for downbeats that are elsewhere than told.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars {
    claim: Option<(Claim, ShowTime)>,
}

impl Bars {
    /// The bar origin and the beats in a bar that `line` should have: when for a whole bar the music has claimed the
    /// same. `beat` is the count, by `line`, of the beat that was heard.
    pub fn hear(&mut self, heard: &Heard, beat: i64, line: &Timeline, now: ShowTime) -> Option<(Beats, u8)> {
        let length = i64::from(heard.beats_per_bar);
        let possible = (1..=32).contains(&heard.beats_per_bar) && heard.beat_in_bar < heard.beats_per_bar;
        if heard.bar_confidence < SURE || !possible {
            self.claim = None;
            return None;
        }
        let origin = line.bar_origin.round();
        let late = (beat - i64::from(heard.beat_in_bar) - origin).rem_euclid(length);
        // The smallest shift keeps phrases where they are as well as can be.
        let shift = if late > length / 2 { late - length } else { late };
        let claim = Claim { shift, beats_per_bar: heard.beats_per_bar };
        if shift == 0 && heard.beats_per_bar == line.beats_per_bar {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MusicState;

    fn heard(beats_per_bar: u8, beat_in_bar: i64, bar_confidence: f32) -> Heard {
        Heard {
            state: MusicState::Playing,
            music_at: ShowTime::ZERO,
            tempo: 120.0,
            confidence: 1.0,
            level_confidence: 1.0,
            phase_confidence: 1.0,
            beat: ShowTime::ZERO,
            beats_per_bar,
            beat_in_bar: beat_in_bar as u8,
            bar_confidence,
        }
    }

    /// Hears `beats` beats at 120 BPM in bars of `length` whose downbeat is at the count `downbeat`.
    fn hear(length: u8, downbeat: i64, beats: i64, confidence: f32) -> Option<(Beats, u8)> {
        let mut bars = Bars::default();
        (0..beats).find_map(|beat| {
            let in_bar = (beat - downbeat).rem_euclid(i64::from(length));
            let now = Timeline::default().time_of(Beats::whole(beat));
            bars.hear(&heard(length, in_bar, confidence), beat, &Timeline::default(), now)
        })
    }

    #[test]
    fn a_downbeat_that_stays_elsewhere_for_a_bar_moves_the_bar() {
        assert_eq!(hear(4, 1, 5, 0.9), Some((Beats::whole(1), 4)));
        assert_eq!(hear(4, 3, 5, 0.9), Some((Beats::whole(-1), 4)), "by the smallest shift");
        assert_eq!(hear(4, 1, 4, 0.9), None, "not yet a bar");
        assert_eq!(hear(4, 0, 20, 0.9), None, "where it is told");
        assert_eq!(hear(4, 1, 20, 0.4), None, "not sure");
    }

    #[test]
    fn a_waltz_changes_the_length_of_the_bar() {
        assert_eq!(hear(3, 0, 8, 0.9), Some((Beats::ZERO, 3)));
    }
}
