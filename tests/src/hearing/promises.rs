//! Promises about hearing; the limits are in `tests/promises.toml`.

use super::summary::Summary;
use crate::bench::promise;

/// A promise: the figure, and whether it is the least or the most.
pub type Promise = (&'static str, Bound);

/// Which side of its limit a figure must stay on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least that.
    Least,
    /// At most that.
    Most,
}

/// What is promised on music: `[hearing]`.
pub const ON_MUSIC: &[Promise] = &[
    ("f", Bound::Least),
    ("cmlt", Bound::Least),
    ("amlt", Bound::Least),
    ("downbeat-f", Bound::Least),
    ("tempo", Bound::Least),
    ("late-p90", Bound::Most),
    ("lock", Bound::Most),
    ("relock", Bound::Most),
    ("false-per-minute", Bound::Most),
    ("onset-f", Bound::Least),
    ("onset-late-p50", Bound::Most),
    ("onset-late-p90", Bound::Most),
    ("cpu", Bound::Most),
];

/// What is promised on the generated pieces: `[hearing-pieces]`.
pub const ON_PIECES: &[Promise] = &[
    ("f", Bound::Least),
    ("downbeat-f", Bound::Least),
    ("onset-f", Bound::Least),
    ("kick-f", Bound::Least),
    ("snare-f", Bound::Least),
    ("hat-f", Bound::Least),
    ("drops-found", Bound::Least),
    ("drops-false-per-10-min", Bound::Most),
    ("sections-f", Bound::Least),
    ("false-per-minute", Bound::Most),
];

/// Compares with the promises, and prints those that are missed; whether all are kept.
pub fn keeps(bench: &str, promises: &[Promise], summary: &Summary) -> bool {
    let mut kept = true;
    for (figure, bound) in promises {
        let limit = promise(bench, figure);
        let value = summary.figure(figure).unwrap_or(f64::NAN);
        let keeps = if *bound == Bound::Least { value >= limit } else { value <= limit };
        if !keeps {
            let sign = if *bound == Bound::Least { "at least" } else { "at most" };
            println!("MISSED [{bench}] {figure}: {value:.3}, promised {sign} {limit}");
        }
        kept &= keeps;
    }
    kept
}
