//! Pieces made to be hard.

use super::{band, dance};
use crate::drums::Drum::{Clap, Closed, Kick, Open, Snare};
use crate::drums::Style;
use crate::form::Role::{Breakdown, Drop, Groove};
use crate::genre::{Genre, Twist};
use crate::voices::{Bass, Chord, Lead};

const CLUB: Genre = Genre {
    group: "stress",
    form: &[(Groove, 32)],
    groove: &[
        (Kick, "9...9...9...9..."),
        (Clap, "....9.......9..."),
        (Open, "..6...6...6...6."),
        (Closed, "5353535353535353"),
    ],
    ..dance::BASE
};
const BAND: Genre = Genre { group: "stress", form: &[(Groove, 32)], lift: &[], ..band::BASE };

/// A record that is cut off.
pub const FIRST_RECORD: Genre = Genre { id: "cut_first", bpm: 124.0, form: &[(Groove, 16)], ..CLUB };

/// The record that it is cut to.
pub const SECOND_RECORD: Genre = Genre {
    id: "cut_second",
    bpm: 141.0,
    form: &[(Groove, 24)],
    style: Style::Break,
    groove: &[(Kick, "9.....9..9......"), (Snare, "....9.......9..."), (Closed, "6.5.6.5.6.5.6.5.")],
    bass: (Bass::Reese, "r---..r---..o---"),
    chords: (Chord::Pad, "6---------------"),
    ..CLUB
};

/// The pieces.
pub const PIECES: &[Genre] = &[
    Genre { id: "step_112_136", bpm: 112.0, twist: Twist::Step(16, 136.0), ..CLUB },
    Genre { id: "step_128_98", bpm: 128.0, twist: Twist::Step(16, 98.0), ..BAND },
    Genre { id: "ramp_up_98", bpm: 98.0, twist: Twist::Ramp(8, 20, 0.02), ..BAND },
    Genre { id: "ramp_fast_100", bpm: 100.0, twist: Twist::Ramp(12, 17, 0.05), ..CLUB },
    Genre { id: "ramp_down_150", bpm: 150.0, twist: Twist::Ramp(12, 20, -0.03), ..BAND },
    Genre { id: "gap_127", bpm: 127.0, twist: Twist::Gap(16, 6.3), ..CLUB },
    Genre {
        id: "long_breakdown_130",
        bpm: 130.0,
        form: &[(Groove, 16), (Breakdown, 16), (Drop, 16)],
        chords: (Chord::Pad, "7---------------"),
        lead: Some(Lead::Bell),
        ..CLUB
    },
    Genre { id: "quiet_123", bpm: 123.0, twist: Twist::Quiet(40.0), ..CLUB },
    Genre { id: "noisy_117", bpm: 117.0, twist: Twist::Noise(3.0), ..BAND },
    Genre { id: "talk_over_120", bpm: 120.0, twist: Twist::Talk, ..CLUB },
    Genre {
        id: "piano_104",
        bpm: 104.0,
        groove: &[],
        chords: (Chord::Piano, "8...6...7...6.5."),
        bass: (Bass::Finger, "r-------o-----f-"),
        ..BAND
    },
];
