//! The one truth about beats: a straight line between show time and musical time.
//!
//! After Ableton Link's `Timeline`: it gives the beat at any moment and the moment of any beat, so nobody waits for a
//! packet to know where the beat is.

use crate::{Beats, ShowTime};
use serde::{Deserialize, Serialize};

/// Slowest tempo of a timeline, in beats per minute (Ableton Link's own limit).
pub const TEMPO_MIN: f64 = 20.0;
/// Fastest tempo of a timeline, in beats per minute (Ableton Link's own limit).
pub const TEMPO_MAX: f64 = 999.0;

/// Tempo, beat origin, time origin, and how beats make bars and bars make phrases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Beats per minute, [`TEMPO_MIN`]..=[`TEMPO_MAX`].
    pub tempo: f64,
    /// The moment at which the beat count was `beat_origin`.
    pub time_origin: ShowTime,
    /// The beat count at `time_origin`.
    pub beat_origin: Beats,
    /// A beat count at which a phrase, and so a bar, begins.
    pub bar_origin: Beats,
    /// Beats in a bar, 1..=32.
    pub beats_per_bar: u8,
    /// Bars in a phrase, 1..=64.
    pub bars_per_phrase: u8,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            tempo: 120.0,
            time_origin: ShowTime::ZERO,
            beat_origin: Beats::ZERO,
            bar_origin: Beats::ZERO,
            beats_per_bar: 4,
            bars_per_phrase: 4,
        }
    }
}

impl Timeline {
    /// Length of a beat, in nanoseconds.
    pub fn beat_ns(&self) -> f64 {
        60e9 / self.tempo
    }

    /// The beat count at a moment.
    pub fn beats_at(&self, time: ShowTime) -> Beats {
        self.beat_origin + Beats::from_f64(time.since(self.time_origin) as f64 / self.beat_ns())
    }

    /// The moment of a beat count. Inverse of [`beats_at`](Self::beats_at) to within a micro-beat.
    pub fn time_of(&self, beats: Beats) -> ShowTime {
        self.time_origin.offset(((beats - self.beat_origin).as_f64() * self.beat_ns()).round() as i64)
    }

    /// Position in the beat, `[0, 1)`.
    pub fn beat_phase(&self, time: ShowTime) -> f64 {
        self.beats_at(time).phase(Beats::ONE)
    }

    /// Position in the bar, `[0, 1)`.
    pub fn bar_phase(&self, time: ShowTime) -> f64 {
        (self.beats_at(time) - self.bar_origin).phase(self.bar())
    }

    /// Position in the phrase, `[0, 1)`.
    pub fn phrase_phase(&self, time: ShowTime) -> f64 {
        (self.beats_at(time) - self.bar_origin).phase(self.phrase())
    }

    /// Length of a bar.
    pub fn bar(&self) -> Beats {
        Beats::whole(i64::from(self.beats_per_bar.max(1)))
    }

    /// Length of a phrase.
    pub fn phrase(&self) -> Beats {
        Beats::whole(i64::from(self.beats_per_bar.max(1)) * i64::from(self.bars_per_phrase.max(1)))
    }

    /// Position of a whole beat in its bar: 0 is the downbeat.
    pub fn beat_in_bar(&self, beat: i64) -> u8 {
        let from_bar = beat - self.bar_origin.round();
        from_bar.rem_euclid(i64::from(self.beats_per_bar.max(1))) as u8
    }

    /// Number of the bar of a whole beat, counted from the bar origin.
    pub fn bar_of(&self, beat: i64) -> i64 {
        (beat - self.bar_origin.round()).div_euclid(i64::from(self.beats_per_bar.max(1)))
    }

    /// The first position after `time` at which a cycle of `length`, counted from the bar origin, begins.
    pub fn next_multiple(&self, time: ShowTime, length: Beats) -> Beats {
        let length = length.0.max(1);
        let from_bar = self.beats_at(time).0 - self.bar_origin.0;
        Beats(self.bar_origin.0 + (from_bar.div_euclid(length) + 1) * length)
    }

    /// The same beats from `time` on, at another tempo: no step in the beat count.
    pub fn with_tempo(&self, tempo: f64, time: ShowTime) -> Self {
        Self { tempo: tempo.clamp(TEMPO_MIN, TEMPO_MAX), beat_origin: self.beats_at(time), time_origin: time, ..*self }
    }

    /// Whether every field is in range, so that every method is well-defined.
    pub fn is_sound(&self) -> bool {
        (TEMPO_MIN..=TEMPO_MAX).contains(&self.tempo)
            && (1..=32).contains(&self.beats_per_bar)
            && (1..=64).contains(&self.bars_per_phrase)
            && self.time_origin.is_plausible()
            && self.beat_origin.is_plausible()
            && self.bar_origin.is_plausible()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_beat_found_at_its_own_moment_is_the_same_beat(
            tempo in TEMPO_MIN..TEMPO_MAX, origin in -1_000_000_000_000i64..1_000_000_000_000, beat in -100_000i64..100_000,
        ) {
            let line = Timeline { tempo, time_origin: ShowTime(origin), ..Timeline::default() };
            let there = line.time_of(Beats::whole(beat));
            prop_assert!((line.beats_at(there) - Beats::whole(beat)).0.abs() <= 1);
        }

        #[test]
        fn a_change_of_tempo_moves_no_beat(tempo in TEMPO_MIN..TEMPO_MAX, to in TEMPO_MIN..TEMPO_MAX, at in 0i64..1_000_000_000_000) {
            let line = Timeline { tempo, ..Timeline::default() };
            let at = ShowTime(at);
            prop_assert!((line.with_tempo(to, at).beats_at(at) - line.beats_at(at)).0.abs() <= 1);
        }

        #[test]
        fn the_next_bar_is_ahead_by_at_most_a_bar(at in -1_000_000_000_000i64..1_000_000_000_000, origin in -9i64..9) {
            let line = Timeline { bar_origin: Beats::whole(origin), ..Timeline::default() };
            let at = ShowTime(at);
            let ahead = line.next_multiple(at, line.bar()) - line.beats_at(at);
            prop_assert!(ahead.0 > 0 && ahead <= line.bar());
        }
    }

    #[test]
    fn the_downbeat_is_where_the_bar_origin_says() {
        let line = Timeline { bar_origin: Beats::whole(2), ..Timeline::default() };
        assert_eq!([1, 2, 3, 6].map(|beat| line.beat_in_bar(beat)), [3, 0, 1, 0]);
        assert_eq!(line.bar_phase(line.time_of(Beats::whole(4))), 0.5);
        assert_eq!(line.bar_of(1), -1);
    }
}
