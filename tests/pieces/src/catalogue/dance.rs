//! Music for clubs, with build-ups and drops.

use crate::drums::Drum::{Clap, Closed, Conga, Kick, Open, Ride, Shaker, Snare};
use crate::drums::Style;
use crate::form::Role::{Breakdown, BuildUp, Chorus, Drop, Intro, Outro, Verse};
use crate::genre::{Genre, Lines, Twist};
use crate::voices::{Bass, Chord, Lead};

const FOUR: &str = "9...9...9...9...";
const BACKBEAT: &str = "....9.......9...";
const OFFBEAT: &str = "..7...7...7...7.";
const SIXTEENTHS: &str = "6243624362436244";

const HOUSE: Lines = &[(Kick, FOUR), (Clap, BACKBEAT), (Open, OFFBEAT), (Closed, SIXTEENTHS)];

const CLUB: &[(crate::form::Role, usize)] =
    &[(Intro, 8), (BuildUp, 4), (Drop, 8), (Breakdown, 8), (BuildUp, 4), (Drop, 8), (Outro, 4)];
const LONG_CLUB: &[(crate::form::Role, usize)] =
    &[(Intro, 8), (BuildUp, 8), (Drop, 16), (Breakdown, 8), (BuildUp, 8), (Drop, 16), (Outro, 4)];
const EIGHTS: &[(crate::form::Role, usize)] =
    &[(Intro, 8), (BuildUp, 8), (Drop, 8), (Breakdown, 8), (BuildUp, 8), (Drop, 8)];
const NO_BUILD: &[(crate::form::Role, usize)] = &[(Intro, 8), (Drop, 16), (Breakdown, 8), (Drop, 16), (Outro, 4)];

/// What club music has in common.
pub const BASE: Genre = Genre {
    id: "",
    group: "dance",
    bpm: 124.0,
    per_bar: 4,
    form: CLUB,
    style: Style::Machine,
    swing: 0.0,
    loose: 0.0,
    groove: HOUSE,
    lift: &[],
    bass: (Bass::Saw, "..r...r...r...o."),
    chords: (Chord::Saws, "7..7..7...7..7.."),
    lead: None,
    pump: 0.6,
    twist: Twist::None,
};

/// The pieces.
pub const PIECES: &[Genre] = &[
    Genre { id: "house_124", ..BASE },
    Genre {
        id: "deep_house_121",
        bpm: 121.0,
        swing: 0.16,
        groove: &[
            (Kick, FOUR),
            (Clap, BACKBEAT),
            (Open, OFFBEAT),
            (Shaker, "5353535353535353"),
            (Conga, "...4..5...4.5..."),
        ],
        bass: (Bass::Finger, "r--.r.r...o.f.r."),
        chords: (Chord::Electric, "...7--....7---.."),
        lead: Some(Lead::Flute),
        pump: 0.3,
        ..BASE
    },
    Genre {
        id: "edm_128",
        bpm: 128.0,
        form: EIGHTS,
        groove: &[(Kick, FOUR), (Clap, BACKBEAT), (Snare, BACKBEAT), (Open, OFFBEAT), (Closed, SIXTEENTHS)],
        bass: (Bass::Saw, "..rr..rr..rr..oo"),
        chords: (Chord::Saws, "9..9..9.9..9..9."),
        lead: Some(Lead::Saw),
        pump: 0.8,
        ..BASE
    },
    Genre {
        id: "techno_132",
        bpm: 132.0,
        form: &[(Intro, 8), (Drop, 16), (Breakdown, 8), (BuildUp, 4), (Drop, 16), (Outro, 4)],
        groove: &[(Kick, FOUR), (Closed, "3.7.3.7.3.7.3.7."), (Clap, "....7......3...."), (Ride, "5...5...5...5...")],
        bass: (Bass::Sub, ".rrr.rrr.rrr.rrr"),
        chords: (Chord::Saws, "..6.....6......."),
        pump: 0.5,
        ..BASE
    },
    Genre {
        id: "hard_techno_146",
        bpm: 146.0,
        form: LONG_CLUB,
        groove: &[(Kick, FOUR), (Open, OFFBEAT), (Snare, "....6..4....6.4."), (Closed, "5353535353535353")],
        bass: (Bass::Square, "..r...r...r..rr."),
        chords: (Chord::Saws, "5...........5..."),
        ..BASE
    },
    Genre {
        id: "trance_138",
        bpm: 138.0,
        form: LONG_CLUB,
        groove: &[(Kick, FOUR), (Clap, BACKBEAT), (Open, OFFBEAT), (Closed, "6363636363636363")],
        bass: (Bass::Saw, ".rrr.rrr.rrr.rrr"),
        chords: (Chord::Saws, "8-.8-.8-.8-.8-8-"),
        lead: Some(Lead::Saw),
        pump: 0.7,
        ..BASE
    },
    Genre {
        id: "drum_and_bass_174",
        bpm: 174.0,
        form: &[(Intro, 8), (BuildUp, 8), (Drop, 16), (Breakdown, 8), (BuildUp, 8), (Drop, 16), (Outro, 8)],
        style: Style::Break,
        groove: &[(Kick, "9.........9....."), (Snare, "....9..2.2..9..2"), (Closed, "6.5.6.5.6.5.6.5.")],
        lift: &[
            (Kick, "9.........9....."),
            (Snare, "....9..2.2..9..2"),
            (Closed, "6.5.6.5.6.5.6.5."),
            (Ride, "7...7...7...7..."),
        ],
        bass: (Bass::Reese, "r---------..o---"),
        chords: (Chord::Pad, "6---------------"),
        pump: 0.2,
        ..BASE
    },
    Genre {
        id: "jungle_166",
        bpm: 166.0,
        form: &[(Intro, 8), (Drop, 16), (Breakdown, 8), (BuildUp, 4), (Drop, 16), (Outro, 4)],
        style: Style::Break,
        loose: 0.003,
        groove: &[(Kick, "9.9.......99...."), (Snare, "....9..3.3..9..4"), (Closed, "6.6.6.6.6.6.6.6.")],
        bass: (Bass::Sub, "r--.....r--.f--."),
        chords: (Chord::Electric, "6---....6---...."),
        lead: Some(Lead::Singer),
        pump: 0.0,
        ..BASE
    },
    Genre {
        id: "dubstep_140",
        bpm: 140.0,
        form: EIGHTS,
        style: Style::Boom,
        groove: &[(Kick, "9.........7....."), (Snare, "........9......."), (Closed, "5.4.5.4.5.4.5.44")],
        bass: (Bass::Reese, "rr.r--..r.rr--o."),
        chords: (Chord::Pad, "5---------------"),
        lead: Some(Lead::Reed),
        pump: 0.4,
        ..BASE
    },
    Genre {
        id: "garage_133",
        bpm: 133.0,
        swing: 0.3,
        groove: &[
            (Kick, "9.........9..4.."),
            (Clap, BACKBEAT),
            (Closed, "..6.4.6...6.4.63"),
            (Shaker, "3.3.3.3.3.3.3.3."),
        ],
        bass: (Bass::Sub, "r--...r...r-.o.."),
        chords: (Chord::Organ, "7-.7-....7-..7-."),
        lead: Some(Lead::Singer),
        pump: 0.3,
        ..BASE
    },
    Genre {
        id: "future_bass_150",
        bpm: 150.0,
        style: Style::Boom,
        groove: &[(Kick, "9.....9...9....."), (Clap, "........9......."), (Closed, "6.6.6.6.6.666.6.")],
        bass: (Bass::Sub, "r-----r-..r-----"),
        chords: (Chord::Saws, "9-----9---9-----"),
        lead: Some(Lead::Bell),
        pump: 0.7,
        ..BASE
    },
    Genre {
        id: "trap_144",
        bpm: 144.0,
        form: NO_BUILD,
        style: Style::Boom,
        groove: &[(Kick, "9.....7.....9..."), (Clap, "........9......."), (Closed, "6.6.6.6.6.6.6666")],
        bass: (Bass::Sub, "r-----r-....r---"),
        chords: (Chord::Pad, "5-------5-------"),
        lead: Some(Lead::Bell),
        pump: 0.0,
        ..BASE
    },
    Genre {
        id: "synth_pop_112",
        bpm: 112.0,
        form: &[(Intro, 4), (Verse, 8), (BuildUp, 4), (Drop, 8), (Verse, 8), (BuildUp, 4), (Drop, 8)],
        groove: &[(Kick, FOUR), (Snare, BACKBEAT), (Closed, "6.4.6.4.6.4.6.4.")],
        lift: &[(Kick, FOUR), (Snare, BACKBEAT), (Open, OFFBEAT), (Closed, "6.4.6.4.6.4.6.4."), (Clap, BACKBEAT)],
        bass: (Bass::Square, "rrrrrrrrrrrrrrrr"),
        chords: (Chord::Pad, "7-------7-------"),
        lead: Some(Lead::Singer),
        pump: 0.2,
        ..BASE
    },
    Genre {
        id: "reggaeton_95",
        bpm: 95.0,
        form: &[(Intro, 4), (Drop, 8), (Breakdown, 4), (BuildUp, 4), (Drop, 8), (Outro, 4)],
        groove: &[(Kick, FOUR), (Snare, "...8..8....8..8."), (Closed, "4.4.4.4.4.4.4.4.")],
        bass: (Bass::Sub, "r--r--r-r--r--o-"),
        chords: (Chord::Pad, "6-------6-------"),
        lead: Some(Lead::Pluck),
        pump: 0.0,
        ..BASE
    },
    Genre {
        id: "disco_118",
        bpm: 118.0,
        form: &[(Intro, 8), (Verse, 8), (Chorus, 8), (Breakdown, 8), (Drop, 8), (Outro, 4)],
        style: Style::Acoustic,
        loose: 0.004,
        groove: &[(Kick, FOUR), (Snare, BACKBEAT), (Closed, "6.3.6.3.6.3.6.3."), (Open, OFFBEAT)],
        lift: &[
            (Kick, FOUR),
            (Snare, BACKBEAT),
            (Clap, BACKBEAT),
            (Closed, "6353635363536353"),
            (Open, OFFBEAT),
            (Conga, "..4..44...4.4.4."),
        ],
        bass: (Bass::Finger, "r.o.r.o.r.o.r.oo"),
        chords: (Chord::Guitar, "..5.5.5..55.5.5."),
        lead: Some(Lead::Saw),
        pump: 0.0,
        ..BASE
    },
    Genre {
        id: "afro_house_122",
        bpm: 122.0,
        form: LONG_CLUB,
        swing: 0.1,
        loose: 0.003,
        groove: &[
            (Kick, FOUR),
            (Clap, "......5.......5."),
            (Shaker, "6363636363636363"),
            (Conga, "5..54..5.5..54.4"),
            (Open, "....4.......4..."),
        ],
        bass: (Bass::Sub, "r..r..r...o..r.."),
        chords: (Chord::Electric, "......7--.....7-"),
        lead: Some(Lead::Pluck),
        pump: 0.3,
        ..BASE
    },
];
