//! Fades: a cue moves numbers without a jump.
//!
//! A fade is stored in the state with its start and end in show time, so every node computes the same value for the
//! same row, and nothing is sent while it runs.

use crate::{ShowTime, Timeline};
use serde::{Deserialize, Serialize};

/// The length of a fade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// In beats, at the tempo when it begins.
    Beats(f64),
    /// In seconds.
    Seconds(f64),
}

impl Span {
    /// The maximum, in either unit.
    pub const MAX: f64 = 3600.0;

    /// In nanoseconds, at the tempo of a timeline.
    pub fn ns(self, line: &Timeline) -> i64 {
        let ns = match self {
            Self::Beats(beats) => beats.clamp(0.0, Self::MAX) * line.beat_ns(),
            Self::Seconds(seconds) => seconds.clamp(0.0, Self::MAX) * 1e9,
        };
        ns.round() as i64
    }

    /// Whether it is finite, not negative, and not too long.
    pub fn is_sound(self) -> bool {
        let (Self::Beats(length) | Self::Seconds(length)) = self;
        (0.0..=Self::MAX).contains(&length)
    }
}

/// A number that moves from its old to its new value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fade {
    /// The start value.
    pub from: f32,
    /// The end value.
    pub to: f32,
    /// The time of the last row before it moves.
    pub start: ShowTime,
    /// The time of the first row with the end value.
    pub end: ShowTime,
    /// The cue that moves it.
    #[serde(default)]
    pub cue: String,
}

impl Fade {
    /// The value at the time of a row.
    pub fn at(&self, time: ShowTime) -> f32 {
        if self.is_over(time) {
            return self.to;
        }
        let part = time.since(self.start).max(0) as f64 / self.end.since(self.start) as f64;
        (f64::from(self.from) + (f64::from(self.to) - f64::from(self.from)) * part) as f32
    }

    /// Whether it has reached the end value.
    pub fn is_over(&self, time: ShowTime) -> bool {
        time >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fade_begins_where_it_was_and_ends_where_it_shall_be() {
        let fade = Fade { from: 1.0, to: 0.2, start: ShowTime(100), end: ShowTime(200), cue: "dim".into() };
        assert_eq!([0, 100, 150, 200, 999].map(|time| fade.at(ShowTime(time))), [1.0, 1.0, 0.6, 0.2, 0.2]);
        let at_once = Fade { start: ShowTime(100), end: ShowTime(100), ..fade };
        assert_eq!(at_once.at(ShowTime(100)), 0.2);
    }

    #[test]
    fn beats_last_as_long_as_the_tempo_says() {
        let line = Timeline { tempo: 100.0, ..Timeline::default() };
        assert_eq!(Span::Beats(4.0).ns(&line), 2_400_000_000);
        assert_eq!(Span::Seconds(1.5).ns(&line), 1_500_000_000);
        assert!(!Span::Beats(-1.0).is_sound() && !Span::Seconds(f64::NAN).is_sound() && Span::Beats(0.0).is_sound());
    }
}
