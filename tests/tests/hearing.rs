//! The hearing benchmark, from a piece's sound to its score, with the real program.

use e2e::binaries::binary;
use e2e::hearing::{Ears, Music, Said, Score, score};
use std::path::Path;

/// A piece as the bench reads it, and what was said about it.
fn heard(name: &str, folder: &Path) -> (Music, Said) {
    let piece = downbeat_pieces::render(name).expect("a piece of the set");
    downbeat_pieces::write(&piece, folder).expect("a folder of the test's own can be written");
    let music = Music::folder(folder).expect("the piece reads back").swap_remove(0);
    let said = Ears::Downbeat(binary("downbeatctl")).hear(&music.sound, None).expect("downbeatctl hears it").said;
    (music, said)
}

fn at_least(score: &Score, name: &str, least: f64) {
    let figure = score.figure(name).unwrap_or_else(|| panic!("{name} is missing"));
    assert!(figure >= least, "{name} is {figure:.3}, less than {least}");
}

#[test]
fn a_trance_piece_is_heard_on_its_beats_and_at_its_tempo() {
    let folder = tempfile::tempdir().expect("a folder");
    let (music, said) = heard("trance_138", folder.path());
    let score = score(&music, &said, &said.kinds());
    // The plainest of pulses: far below what is reached, far above what chance would give (0.3).
    at_least(&score, "f", 0.85);
    at_least(&score, "onset-f", 0.7);
    assert_eq!(score.figure("tempo"), Some(1.0));
    assert!(score.figure("cpu") > Some(0.0), "the program says what it took");
}

#[test]
fn nothing_is_heard_in_silence() {
    let folder = tempfile::tempdir().expect("a folder");
    let (music, said) = heard("silence", folder.path());
    let score = score(&music, &said, &said.kinds());
    assert_eq!(score.figure("false-per-minute"), Some(0.0));
    assert_eq!(score.figure("drops-false"), Some(0.0));
}
