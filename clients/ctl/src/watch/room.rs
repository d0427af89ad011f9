//! Sharing rows among sections when there are not enough for all.

/// What a section or a shelf of sections wants. No rows at all hide it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Fewer rows than this are not worth having.
    pub least: u16,
    /// More are of no use.
    pub full: u16,
}

/// The rows of each: first everyone's least, as far as they go, then they grow in turn, the earlier ones first. What
/// nobody wants is left to the last.
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
    let grows = |given: u16, want: &Want| given > 0 && given < want.full;
    while left > 0 && rows.iter().zip(wants).any(|(given, want)| grows(*given, want)) {
        for (given, _) in rows.iter_mut().zip(wants).filter(|(given, want)| grows(**given, want)) {
            let more = left.min(1);
            *given += more;
            left -= more;
        }
    }
    if let Some(last) = rows.last_mut().filter(|last| **last > 0) {
        *last += left;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Want = Want { least: 2, full: 5 };
    const HIDDEN: Want = Want { least: 0, full: 0 };

    #[test]
    fn everyone_gets_the_least_before_anyone_grows() {
        assert_eq!(share(4, &[A, A]), [2, 2]);
        assert_eq!(share(7, &[A, A]), [4, 3]);
        assert_eq!(share(20, &[A, HIDDEN, A]), [5, 0, 15]);
    }

    #[test]
    fn with_too_little_room_the_later_ones_go_first() {
        assert_eq!(share(3, &[A, A]), [3, 0]);
        assert_eq!(share(0, &[A, A]), [0, 0]);
        assert_eq!(share(9, &[]), [0; 0]);
    }
}
