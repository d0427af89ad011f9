//! Music of bands, with verses and choruses, played by people.

use super::dance;
use crate::drums::Drum::{Clap, Closed, Conga, Crash, Kick, Open, Ride, Rim, Shaker, Snare};
use crate::drums::Style;
use crate::form::Role::{self, Bridge, Chorus, Groove, Intro, Verse};
use crate::genre::Genre;
use crate::voices::{Bass, Chord, Lead};

const SONG: &[(Role, usize)] = &[(Intro, 4), (Verse, 8), (Chorus, 8), (Verse, 8), (Chorus, 8)];
const BACKBEAT: &str = "....9.......9...";

/// What bands have in common.
pub const BASE: Genre = Genre {
    group: "band",
    bpm: 120.0,
    form: SONG,
    style: Style::Acoustic,
    loose: 0.007,
    groove: &[(Kick, "9.......9.9....."), (Snare, BACKBEAT), (Closed, "7.5.7.5.7.5.7.5.")],
    lift: &[(Kick, "9.....9.9.9....."), (Snare, BACKBEAT), (Crash, "5...5...5...5...")],
    bass: (Bass::Finger, "r.r.r.r.r.r.r.r."),
    chords: (Chord::Guitar, "7...5.5.7...5.5."),
    lead: Some(Lead::Singer),
    pump: 0.0,
    ..dance::BASE
};

/// The pieces.
pub const PIECES: &[Genre] = &[
    Genre { id: "rock_126", bpm: 126.0, chords: (Chord::Power, "9-9-9-9-9-9-9-9-"), ..BASE },
    Genre {
        id: "punk_178",
        bpm: 178.0,
        form: &[(Intro, 8), (Verse, 16), (Chorus, 16), (Bridge, 8), (Chorus, 16)],
        groove: &[(Kick, "9...9...9.9.9..."), (Snare, "..9...9...9...9."), (Closed, "7...7...7...7...")],
        lift: &[(Kick, "9...9...9.9.9..."), (Snare, "..9...9...9...9."), (Ride, "8...8...8...8...")],
        chords: (Chord::Power, "9.9.9.9.9.9.9.9."),
        ..BASE
    },
    Genre {
        id: "metal_152",
        bpm: 152.0,
        loose: 0.004,
        groove: &[(Kick, "99.99.9.99.99.9."), (Snare, BACKBEAT), (Closed, "8...8...8...8...")],
        lift: &[(Kick, "9999999999999999"), (Snare, BACKBEAT), (Crash, "7...7...7...7...")],
        bass: (Bass::Finger, "rr.rr.r.rr.rr.r."),
        chords: (Chord::Power, "99.99.9.99.99.9."),
        lead: None,
        ..BASE
    },
    Genre {
        id: "ballad_68",
        bpm: 68.0,
        form: &[(Intro, 2), (Verse, 8), (Chorus, 8)],
        groove: &[(Kick, "9......5..8....."), (Rim, BACKBEAT), (Closed, "6.4.6.4.6.4.6.4.")],
        lift: &[(Kick, "9......5..8....."), (Snare, BACKBEAT), (Ride, "7.5.7.5.7.5.7.5.")],
        bass: (Bass::Finger, "r------rr-----o-"),
        chords: (Chord::Piano, "8---6---7---6---"),
        ..BASE
    },
    Genre {
        id: "funk_103",
        bpm: 103.0,
        form: &[(Groove, 16), (Bridge, 4), (Groove, 8)],
        swing: 0.12,
        groove: &[(Kick, "9..9...9..9..8.."), (Snare, "....9..2.3..9..2"), (Closed, "7454745474547454")],
        lift: &[],
        bass: (Bass::Finger, "r..ro..r.fo..r.o"),
        chords: (Chord::Guitar, "..5.55..5.5..55."),
        lead: Some(Lead::Reed),
        ..BASE
    },
    Genre {
        id: "reggae_76",
        bpm: 76.0,
        form: &[(Groove, 8), (Bridge, 4), (Groove, 8)],
        groove: &[
            (Kick, "........9......."),
            (Rim, "........9......."),
            (Closed, "6.7.6.7.6.7.6.7."),
            (Snare, "..............3."),
        ],
        lift: &[],
        bass: (Bass::Finger, "..r-f-..o-..r-.."),
        chords: (Chord::Organ, "..8...8...8...8."),
        lead: Some(Lead::Singer),
        ..BASE
    },
    Genre {
        id: "hip_hop_86",
        bpm: 86.0,
        form: &[(Intro, 4), (Verse, 8), (Chorus, 4), (Verse, 8)],
        style: Style::Dusty,
        swing: 0.26,
        loose: 0.008,
        groove: &[(Kick, "9......7..9..5.."), (Snare, BACKBEAT), (Closed, "7.5.7.5.7.5.7.53")],
        lift: &[(Kick, "9......7..9..5.."), (Snare, BACKBEAT), (Clap, BACKBEAT), (Closed, "7.5.7.5.7.5.7.53")],
        bass: (Bass::Sub, "r---...r..o--..."),
        chords: (Chord::Electric, "7-----....6-----"),
        lead: Some(Lead::Bell),
        ..BASE
    },
    Genre {
        id: "shuffle_122",
        bpm: 122.0,
        form: &[(Groove, 12), (Groove, 12)],
        groove: &[(Kick, "9..7..9..7.."), (Snare, "...9.....9.."), (Ride, "8.58.58.58.5")],
        lift: &[],
        bass: (Bass::Finger, "r..r.f.o.f.r"),
        chords: (Chord::Organ, "..5..5..5..5"),
        lead: Some(Lead::Reed),
        ..BASE
    },
    Genre {
        id: "swing_148",
        bpm: 148.0,
        form: &[(Groove, 16), (Groove, 16)],
        groove: &[(Kick, "4..4..4..4.."), (Ride, "8..8.68..8.6"), (Closed, "...7.....7.."), (Snare, "..........3.")],
        lift: &[],
        bass: (Bass::Finger, "r..f..o..f.."),
        chords: (Chord::Piano, "...6.6......"),
        lead: Some(Lead::Flute),
        ..BASE
    },
    Genre {
        id: "soul_98",
        bpm: 98.0,
        groove: &[
            (Kick, "9.....9.9......."),
            (Snare, BACKBEAT),
            (Closed, "6.6.6.6.6.6.6.6."),
            (Shaker, "3535353535353535"),
        ],
        lift: &[(Kick, "9.....9.9..7...."), (Snare, BACKBEAT), (Open, "..5...5...5...5."), (Conga, "4..4..4.4..4..4.")],
        bass: (Bass::Finger, "r--.r.f.o--.f.r."),
        chords: (Chord::Electric, "7-----7-....7---"),
        ..BASE
    },
    Genre {
        id: "train_116",
        bpm: 116.0,
        form: &[(Groove, 16), (Groove, 16)],
        groove: &[(Kick, "9...9...9...9..."), (Snare, "4363436343634364"), (Shaker, "..4...4...4...4.")],
        lift: &[],
        bass: (Bass::Finger, "r-------f-------"),
        chords: (Chord::Guitar, "....7.......7..."),
        lead: Some(Lead::Pluck),
        ..BASE
    },
];
