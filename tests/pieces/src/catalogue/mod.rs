//! The list of the pieces.

mod band;
mod dance;
mod metre;
mod stress;

use crate::genre::Genre;

/// Every piece that is played, in the order in which they are listed.
pub fn genres() -> impl Iterator<Item = &'static Genre> {
    [dance::PIECES, band::PIECES, metre::PIECES, stress::PIECES].into_iter().flatten()
}

/// The record that is cut to another, and the other.
pub const CUT: [&Genre; 2] = [&stress::FIRST_RECORD, &stress::SECOND_RECORD];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pattern_fits_the_bar_that_it_is_for() {
        for genre in genres().chain(CUT) {
            let drums = genre.groove.iter().chain(genre.lift).map(|(_, pattern)| *pattern);
            for pattern in drums.chain([genre.bass.1, genre.chords.1]) {
                assert_eq!(pattern.len() % genre.per_bar, 0, "{}: `{pattern}`", genre.id);
                assert!(pattern.chars().all(|it| it.is_ascii_digit() || "rfo-.".contains(it)), "{}", genre.id);
            }
        }
    }

    #[test]
    fn names_are_used_once() {
        let names: Vec<&str> = genres().map(|genre| genre.id).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
