//! Shares rows among sections when there are not enough.

/// The needs of a section or a shelf of sections. Zero rows hide it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Minimum rows worth having.
    pub least: u16,
    /// Rows that show everything.
    pub full: u16,
    /// Further rows that improve it, once all others have theirs.
    pub spare: u16,
}

/// The rows of each: first the minimum of each, as far as possible; then all grow in turn until everything is shown,
/// and then until they look best. The rest goes to the last.
pub fn share(room: u16, wants: &[Want]) -> Vec<u16> {
    let mut left = room;
    let mut rows: Vec<u16> = wants
        .iter()
        .map(|want| {
            let given = if want.least <= left { want.least } else { 0 };
            left -= given;
            given
        })
        .collect();
    grow(&mut rows, wants, &mut left, |want| want.full);
    grow(&mut rows, wants, &mut left, |want| want.full + want.spare);
    if let Some(last) = rows.last_mut().filter(|last| **last > 0) {
        *last += left;
    }
    rows
}

/// Gives one row to each visible one in turn until all have `enough`, or none is left.
fn grow(rows: &mut [u16], wants: &[Want], left: &mut u16, enough: impl Fn(&Want) -> u16) {
    loop {
        let before = *left;
        for (given, want) in rows.iter_mut().zip(wants) {
            if *left > 0 && *given > 0 && *given < enough(want) {
                *given += 1;
                *left -= 1;
            }
        }
        if *left == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Want = Want { least: 2, full: 5, spare: 0 };
    const HIDDEN: Want = Want { least: 0, full: 0, spare: 0 };

    #[test]
    fn everyone_gets_the_least_before_anyone_grows() {
        assert_eq!(share(4, &[A, A]), [2, 2]);
        assert_eq!(share(7, &[A, A]), [4, 3]);
        assert_eq!(share(20, &[A, HIDDEN, A]), [5, 0, 15]);
    }

    #[test]
    fn looks_come_after_contents() {
        let fine = Want { least: 2, full: 3, spare: 9 };
        assert_eq!(share(8, &[fine, A]), [3, 5]);
        assert_eq!(share(10, &[fine, A]), [5, 5]);
    }

    #[test]
    fn with_too_little_room_the_later_ones_go_first() {
        assert_eq!(share(3, &[A, A]), [3, 0]);
        assert_eq!(share(0, &[A, A]), [0, 0]);
        assert_eq!(share(9, &[]), [0; 0]);
    }
}
