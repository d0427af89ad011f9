//! Harmony, and the bass, pads, stabs and broken chords that follow it.

use super::{Note, form::sample_at};
use std::ops::Range;

/// One chord for each bar: vi–IV–I–V in C, with E for the tension before a drop and e minor at the end of a phrase.
const PROGRESSION: &str = "AFCG AFCG FFGE AFCG AFCG AFCe FGAC FGEE AFCG AFCG AFCe AFG A";

/// Notes of a chord from the bottom up, close together so that the hand need not jump; and the bass under it.
fn chord(bar: usize) -> ([u8; 4], u8) {
    match PROGRESSION.chars().filter(|letter| *letter != ' ').nth(bar) {
        Some('F') => ([53, 57, 60, 64], 29),
        Some('C') => ([55, 60, 62, 64], 36),
        Some('G') => ([55, 59, 62, 67], 31),
        Some('e') => ([55, 59, 62, 64], 28),
        Some('E') => ([56, 59, 62, 64], 28),
        _ => ([57, 60, 64, 67], 33),
    }
}

/// Step, length in steps and semitones above the root.
type Figure = &'static [(f64, f64, u8)];

const HELD: Figure = &[(0.0, 15.5, 0)];
const OFFBEAT: Figure = &[(2.0, 1.6, 0), (6.0, 1.6, 0), (10.0, 1.6, 0), (14.0, 1.6, 0)];
const DRIVING: Figure =
    &[(2.0, 0.9, 0), (3.0, 0.9, 0), (6.0, 1.5, 0), (9.0, 0.7, 0), (10.0, 0.9, 0), (11.0, 0.7, 12), (14.0, 1.6, 0)];
const ROLLING: Figure = &[
    (1.0, 0.8, 0),
    (2.0, 0.8, 0),
    (3.0, 0.8, 0),
    (5.0, 0.8, 0),
    (6.0, 0.8, 0),
    (7.0, 0.8, 12),
    (9.0, 0.8, 0),
    (10.0, 0.8, 0),
    (11.0, 0.8, 0),
    (13.0, 0.8, 0),
    (14.0, 0.8, 12),
    (15.0, 0.8, 0),
];

/// Figure and strength of the bass by bars.
const BASS: &[(Range<usize>, Figure, f64)] = &[
    (4..8, OFFBEAT, 0.6),
    (8..11, OFFBEAT, 0.75),
    (12..24, DRIVING, 1.0),
    (28..31, HELD, 0.45),
    (32..47, ROLLING, 1.0),
    (47..48, HELD, 1.0),
];

/// The bass line.
pub fn bass() -> Vec<Note> {
    let mut notes = Vec::new();
    for (bars, figure, velocity) in BASS {
        for bar in bars.clone() {
            let (_, root) = chord(bar);
            notes.extend(figure.iter().map(|(step, length, up)| Note::at(bar, *step, *length, root + up, *velocity)));
        }
    }
    notes
}

/// Chords that are held for their bar, up to the gaps before the drops.
pub fn pads() -> Vec<Note> {
    let mut notes = Vec::new();
    for bar in 0..48 {
        let length = if matches!(bar, 11 | 31) { 12.0 } else { 16.0 };
        notes.extend(chord(bar).0.map(|pitch| Note::at(bar, 0.0, length, pitch, 1.0)));
    }
    notes
}

/// Short chords in threes, and long ones where the song rests.
pub fn stabs() -> Vec<Note> {
    const THREES: &[(f64, f64)] = &[(0.0, 1.6), (3.0, 1.6), (6.0, 1.6), (10.0, 1.6), (13.0, 1.6)];
    let mut notes = Vec::new();
    for bar in (4..11).chain(12..24).chain(32..47) {
        for (step, length) in THREES {
            let accent = if *step == 0.0 { 1.0 } else { 0.85 };
            notes.extend(chord(bar).0.map(|pitch| Note::at(bar, *step, *length, pitch + 12, accent)));
        }
    }
    notes.extend(chord(47).0.map(|pitch| Note::at(47, 0.0, 8.0, pitch + 12, 1.0)));
    notes
}

/// Broken chords: which note of the chord at which sixteenth.
pub fn arpeggio() -> Vec<Note> {
    const WALK: [usize; 16] = [0, 2, 1, 3, 2, 0, 3, 1, 0, 2, 1, 3, 2, 3, 1, 2];
    let mut notes = Vec::new();
    for (bars, velocity) in [(4..8, 0.4), (8..11, 0.6), (16..24, 0.4), (24..31, 0.75), (40..47, 0.45)] {
        for bar in bars {
            let (tones, _) = chord(bar);
            for (step, tone) in WALK.iter().enumerate() {
                let accent = if step % 4 == 0 { 1.0 } else { 0.75 };
                let start = sample_at(bar, step as f64);
                let end = sample_at(bar, step as f64 + 0.9);
                notes.push(Note { start, end, pitch: tones[*tone] + 12, velocity: velocity * accent });
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_has_its_chord() {
        assert_eq!(PROGRESSION.chars().filter(|letter| *letter != ' ').count(), super::super::form::LAST_BAR + 1);
    }
}
