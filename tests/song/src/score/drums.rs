//! The drum part.
//!
//! A pattern is one bar in sixteenths: a digit is a hit of that strength out of nine.

use super::form::sample_at;
use crate::synth::Noise;
use std::ops::Range;

/// An instrument of the drum kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drum {
    /// Bass drum.
    Kick,
    /// Snare drum.
    Snare,
    /// Hand clap.
    Clap,
    /// Closed hi-hat.
    ClosedHat,
    /// Open hi-hat.
    OpenHat,
    /// Crash cymbal.
    Crash,
    /// The tom-toms of the fills.
    Tom,
}

impl Drum {
    /// Its name in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::Snare => "snare",
            Self::Clap => "clap",
            Self::ClosedHat => "closed-hat",
            Self::OpenHat => "open-hat",
            Self::Crash => "crash",
            Self::Tom => "tom",
        }
    }

    /// Hats swing: every second sixteenth comes late by this part of a sixteenth.
    fn swing(self) -> f64 {
        match self {
            Self::ClosedHat | Self::OpenHat => 0.12,
            _ => 0.0,
        }
    }
}

/// One hit.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// What is hit.
    pub drum: Drum,
    /// Its first sample.
    pub at: usize,
    /// `(0, 1]`.
    pub velocity: f64,
    /// How high a tom is tuned, in semitones.
    pub pitch: i8,
}

const FOUR: &str = "9...9...9...9...";
const SOFT_FOUR: &str = "6...6...6...6...";
const BACKBEAT: &str = "....9.......9...";
const OFFBEAT: &str = "..6...6...6...6.";
const SIXTEENTHS: &str = "6243624362436244";

/// Which pattern is played in which bars.
const LINES: &[(Drum, Range<usize>, &str)] = &[
    (Drum::Kick, 0..8, SOFT_FOUR),
    (Drum::Kick, 8..10, "7...7...7...7..."),
    (Drum::Kick, 10..11, "7...7...7.5.6.6."),
    (Drum::Kick, 12..23, FOUR),
    (Drum::Kick, 23..24, "9...9...9......."),
    (Drum::Kick, 32..46, FOUR),
    (Drum::Kick, 46..47, "9...9...9...9.9."),
    (Drum::Kick, 47..48, "9..............."),
    (Drum::Clap, 4..8, "....6.......6..."),
    (Drum::Clap, 12..24, BACKBEAT),
    (Drum::Clap, 32..47, BACKBEAT),
    (Drum::Clap, 47..48, "9..............."),
    (Drum::Snare, 8..9, "....4.......4..."),
    (Drum::Snare, 9..10, "4...4...5...5..."),
    (Drum::Snare, 10..11, "5.5.5.5.6.6.6.6."),
    (Drum::Snare, 11..12, "666677778889...."),
    (Drum::Snare, 19..20, "..............57"),
    (Drum::Snare, 23..24, "..........6.7.89"),
    (Drum::Snare, 30..31, "3...3...3.3.4.4."),
    (Drum::Snare, 31..32, "444455566678...."),
    (Drum::Snare, 32..46, "....7..3.3..7..."),
    (Drum::Snare, 46..47, "....7..367778899"),
    (Drum::ClosedHat, 0..4, "..5...5...5...5."),
    (Drum::ClosedHat, 4..11, "4253425342534254"),
    (Drum::ClosedHat, 12..23, SIXTEENTHS),
    (Drum::ClosedHat, 28..30, "2.3.2.3.2.3.2.3."),
    (Drum::ClosedHat, 32..46, SIXTEENTHS),
    (Drum::OpenHat, 6..8, "..4...4...4...4."),
    (Drum::OpenHat, 12..23, OFFBEAT),
    (Drum::OpenHat, 32..46, "..7...7...7...7."),
    (Drum::Crash, 12..13, "9..............."),
    (Drum::Crash, 20..21, "6..............."),
    (Drum::Crash, 24..25, "5..............."),
    (Drum::Crash, 32..33, "9..............."),
    (Drum::Crash, 40..41, "7..............."),
    (Drum::Crash, 47..48, "9..............."),
    (Drum::Tom, 23..24, "...........8.8.8"),
    (Drum::Tom, 39..40, "..........6.67.8"),
    (Drum::Tom, 46..47, ".........7..7.8."),
];

/// Every hit in order of time.
pub fn hits() -> Vec<Hit> {
    let mut touch = Noise::new(1);
    let mut hits = Vec::new();
    for (drum, bars, pattern) in LINES {
        for bar in bars.clone() {
            let mut pitch = 4;
            for (step, strength) in pattern.chars().enumerate() {
                let Some(strength) = strength.to_digit(10) else { continue };
                let late = if step % 2 == 1 { drum.swing() } else { 0.0 };
                // No drummer hits twice alike: a twelfth of a difference.
                let velocity = f64::from(strength) / 9.0 * (1.0 - 0.08 * touch.chance());
                hits.push(Hit { drum: *drum, at: sample_at(bar, step as f64 + late), velocity, pitch });
                pitch -= 3;
            }
        }
    }
    hits.sort_by_key(|hit| (hit.at, hit.drum));
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one_bar_of_sixteenths() {
        for (drum, bars, pattern) in LINES {
            assert_eq!(pattern.len(), super::super::form::STEPS, "{drum:?} in {bars:?}");
        }
    }

    #[test]
    fn hats_swing_and_kicks_do_not() {
        let hits = hits();
        let late = |drum, bar, step: usize| {
            let straight = sample_at(bar, step as f64);
            let near =
                hits.iter().filter(|hit| hit.drum == drum).map(|hit| hit.at).min_by_key(|at| at.abs_diff(straight));
            near.map(|at| at - straight)
        };
        assert_eq!(late(Drum::Kick, 13, 4), Some(0));
        assert!(late(Drum::ClosedHat, 13, 5).is_some_and(|late| (500..1000).contains(&late)));
    }
}
