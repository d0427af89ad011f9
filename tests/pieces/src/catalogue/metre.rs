//! Bars other than four beats.

use super::band;
use crate::drums::Drum::{Closed, Crash, Kick, Ride, Rim, Snare};
use crate::form::Role::{Chorus, Groove, Verse};
use crate::genre::Genre;
use crate::voices::{Bass, Chord, Lead};

const BASE: Genre =
    Genre { group: "metre", loose: 0.005, lift: &[], form: &[(Groove, 16), (Groove, 16)], ..band::BASE };

/// The pieces. Seven-eight counts eighths, six-eight counts dotted quarters.
pub const PIECES: &[Genre] = &[
    Genre {
        id: "waltz_168",
        bpm: 168.0,
        per_bar: 3,
        form: &[(Groove, 24), (Groove, 24)],
        groove: &[(Kick, "9....."), (Rim, "..6.6."), (Closed, "5.5.5.")],
        bass: (Bass::Finger, "r-...."),
        chords: (Chord::Piano, "..7.7."),
        lead: Some(Lead::Flute),
        ..BASE
    },
    Genre {
        id: "three_four_94",
        bpm: 94.0,
        per_bar: 3,
        form: &[(Verse, 12), (Chorus, 12)],
        groove: &[(Kick, "9.....6....."), (Snare, "........9..."), (Closed, "7.5.7.5.7.5.")],
        lift: &[(Kick, "9.....6....."), (Snare, "........9..."), (Crash, "6...5...5...")],
        bass: (Bass::Finger, "r---r-r-f---"),
        chords: (Chord::Power, "8---8-8-8---"),
        ..BASE
    },
    Genre {
        id: "five_four_142",
        bpm: 142.0,
        per_bar: 5,
        form: &[(Groove, 16), (Groove, 12)],
        groove: &[(Kick, "9.....7..."), (Snare, "....8...8."), (Ride, "8.68.68.8.")],
        bass: (Bass::Finger, "r--f..o-f-"),
        chords: (Chord::Piano, "7--7--7-7-"),
        lead: Some(Lead::Reed),
        ..BASE
    },
    Genre {
        id: "six_eight_64",
        bpm: 64.0,
        per_bar: 2,
        groove: &[(Kick, "9...5....4.."), (Snare, "......9....."), (Closed, "7.5.5.7.5.5.")],
        form: &[(Groove, 12), (Groove, 12)],
        bass: (Bass::Finger, "r---r-f---o-"),
        chords: (Chord::Guitar, "7.5.5.7.5.5."),
        ..BASE
    },
    Genre {
        id: "seven_eight_184",
        bpm: 184.0,
        per_bar: 7,
        form: &[(Groove, 12), (Groove, 12)],
        groove: &[(Kick, "9...7........."), (Snare, "......9...9..."), (Closed, "7.5.7.5.7.5.5.")],
        bass: (Bass::Finger, "r-.r-.r-.f-.o."),
        chords: (Chord::Organ, "7---7---7-----"),
        lead: Some(Lead::Saw),
        ..BASE
    },
];
