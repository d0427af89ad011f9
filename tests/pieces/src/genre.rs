//! The ingredients of a genre.

use crate::drums::{Drum, Style};
use crate::form::Role;
use crate::voices::{Bass, Chord, Lead};

/// Drum patterns: one bar each, in as many steps as it has characters; a digit is a hit of that strength out of nine.
pub type Lines = &'static [(Drum, &'static str)];

/// What a piece is made from. Everything that is not said here is drawn by chance, seeded with the name.
#[derive(Clone, Copy)]
pub struct Genre {
    /// The name of the piece.
    pub id: &'static str,
    /// What it is reported with: `dance`, `band`, `metre`, `stress`.
    pub group: &'static str,
    /// Beats per minute.
    pub bpm: f64,
    /// Beats of a bar.
    pub per_bar: usize,
    /// Roles and lengths in bars.
    pub form: &'static [(Role, usize)],
    /// The drums' kind.
    pub style: Style,
    /// Every second of the sixteenths comes late by this part of one.
    pub swing: f64,
    /// Standard deviation of the players' timing in seconds; the truth tells the real hits.
    pub loose: f64,
    /// The drums of a groove or verse.
    pub groove: Lines,
    /// The drums of a drop or chorus; the groove's where there are none.
    pub lift: Lines,
    /// The bass: `r` root, `f` fifth, `o` octave, `-` held, `.` rest.
    pub bass: (Bass, &'static str),
    /// Chords: digits are strengths, `-` held, `.` rest.
    pub chords: (Chord, &'static str),
    /// The melody, if any.
    pub lead: Option<Lead>,
    /// How far everything ducks under the kick, from 0 to 1.
    pub pump: f64,
    /// What is done to it to make it hard.
    pub twist: Twist,
}

/// What makes a piece hard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Twist {
    /// Nothing.
    None,
    /// The tempo steps at a bar.
    Step(usize, f64),
    /// The tempo moves by so many parts a second, between two bars.
    Ramp(usize, usize, f64),
    /// Silence of some seconds before a bar.
    Gap(usize, f64),
    /// Softer by so many decibels.
    Quiet(f64),
    /// Noise as loud as the music less so many decibels.
    Noise(f64),
    /// Somebody talks over it.
    Talk,
}
