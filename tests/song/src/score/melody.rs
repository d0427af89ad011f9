//! The hook.
//!
//! A bar is written as eight eighths: a note's name, `-` to hold the one before, `.` to rest.

use super::Note;

const AM: &str = "A4 - C5 E5 - D5 C5 -";
const F: &str = "A4 - C5 F5 - E5 C5 -";
const C: &str = "G4 - C5 E5 - D5 E5 G5";
const G: &str = "D5 - - B4 - C5 D5 -";
const G_TURN: &str = "D5 - B4 G4 - A4 B4 D5";
const E_MINOR: &str = "E5 - D5 B4 - G4 B4 D5";
const LAST: &str = "A4 - - - - - . .";

/// First bar, how loud, and the bars that follow it.
const PHRASES: &[(usize, f64, &[&str])] = &[
    (12, 0.9, &[AM, F, C, G]),
    (16, 1.0, &[AM, F, C, G_TURN]),
    (20, 1.0, &[AM, F, C, E_MINOR]),
    (28, 0.5, &[F, "B4 - D5 G5 - D5 B4 -", "E5 - - - B4 - - -", "G#4 - - - - - . ."]),
    (32, 0.9, &[AM, F, C, G]),
    (36, 1.0, &[AM, F, C, G_TURN]),
    (40, 1.0, &[AM, F, C, E_MINOR]),
    (44, 1.0, &[AM, F, G_TURN, LAST]),
];

/// From where on the hook is doubled an octave higher: the last third of each drop.
const DOUBLED: [std::ops::Range<usize>; 2] = [20..24, 40..48];

/// The hook's notes.
pub fn hook() -> Vec<Note> {
    let mut notes = Vec::new();
    for (first, velocity, bars) in PHRASES {
        for (offset, bar) in bars.iter().enumerate() {
            let bar_number = first + offset;
            for (eighth, length, pitch) in read(bar) {
                let (step, length) = (2.0 * eighth as f64, 2.0 * length as f64 - 0.2);
                notes.push(Note::at(bar_number, step, length, pitch, *velocity));
                if DOUBLED.iter().any(|bars| bars.contains(&bar_number)) {
                    notes.push(Note::at(bar_number, step, length, pitch + 12, 0.4 * velocity));
                }
            }
        }
    }
    notes
}

/// The notes of a written bar: first eighth, length in eighths, pitch.
fn read(bar: &str) -> Vec<(usize, usize, u8)> {
    let mut notes: Vec<(usize, usize, u8)> = Vec::new();
    for (eighth, word) in bar.split(' ').enumerate() {
        match (word, notes.last_mut()) {
            ("-", Some(last)) => last.1 += 1,
            (name, _) => notes.extend(pitch(name).map(|pitch| (eighth, 1, pitch))),
        }
    }
    notes
}

/// The MIDI number of a name such as `C5` or `G#4`; none for a rest.
fn pitch(name: &str) -> Option<u8> {
    let (letter, rest) = name.split_at_checked(1)?;
    let in_octave = match letter {
        "C" => 0,
        "D" => 2,
        "E" => 4,
        "F" => 5,
        "G" => 7,
        "A" => 9,
        "B" => 11,
        _ => return None,
    };
    let sharp = rest.starts_with('#');
    let octave: u8 = rest.trim_start_matches('#').parse().ok()?;
    Some(12 * (octave + 1) + in_octave + u8::from(sharp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_bar_is_read() {
        assert_eq!(read("A4 - G#4 - . C5 . ."), [(0, 2, 69), (2, 2, 68), (5, 1, 72)]);
    }

    #[test]
    fn every_bar_has_eight_eighths() {
        assert!(PHRASES.iter().flat_map(|(.., bars)| *bars).all(|bar| bar.split(' ').count() == 8));
    }
}
