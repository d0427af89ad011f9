//! Whether nodes have drawn the same, and how far apart they handed it over. Pure.

use super::Shown;
use crate::bench::Distribution;
use std::collections::BTreeMap;

/// What the logs of several nodes have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Frame numbers that at least two have drawn.
    pub shared: u64,
    /// Frame numbers that all have drawn.
    pub by_all: u64,
    /// Frame numbers that two have drawn otherwise: from something else, or other pixels of the same slice.
    pub differing: u64,
    /// Frames, of all nodes together, that were drawn from less than all that is known.
    pub unsure: u64,
    /// Frames of all nodes together.
    pub drawn: u64,
    /// Frame numbers between the first and the last of a log that it does not have.
    pub skipped: u64,
}

/// Compares logs, each with its node's slice.
pub fn agreement(logs: &[(&str, &[Shown])]) -> Agreement {
    let mut result = Agreement::default();
    let mut frames: BTreeMap<i64, Vec<(&str, &Shown)>> = BTreeMap::new();
    for (slice, log) in logs {
        for shown in log.iter() {
            frames.entry(shown.frame).or_default().push((slice, shown));
            result.unsure += u64::from(shown.made_of.is_empty());
        }
        result.drawn += log.len() as u64;
        if let (Some(first), Some(last)) = (log.first(), log.last()) {
            result.skipped += (last.frame - first.frame + 1) as u64 - log.len() as u64;
        }
    }
    for shown in frames.values().filter(|shown| shown.len() > 1) {
        result.shared += 1;
        result.by_all += u64::from(shown.len() == logs.len());
        let differ = |(slice, one): &(&str, &Shown), (other_slice, other): &(&str, &Shown)| {
            one.made_of != other.made_of || (slice == other_slice && one.luma != other.luma)
        };
        let any =
            shown.iter().enumerate().any(|(place, one)| shown[place + 1..].iter().any(|other| differ(one, other)));
        // What is not sure may differ, and counts as if it did.
        let unsure = shown.iter().any(|(_, shown)| shown.made_of.is_empty());
        result.differing += u64::from(any || unsure);
    }
    result
}

/// For each frame that all have drawn, but for the first ones, how far apart it was handed over: a node's first frames
/// take longer, as its shaders are compiled then.
pub fn spread(logs: &[&[Shown]], but: usize) -> Distribution {
    let mut frames: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for shown in logs.iter().copied().flatten() {
        frames.entry(shown.frame).or_default().push(shown.host_ns);
    }
    let mut distribution = Distribution::default();
    for handed in frames.values().filter(|handed| handed.len() == logs.len()).skip(but) {
        let (first, last) = (handed.iter().min(), handed.iter().max());
        distribution.add(last.zip(first).map_or(0, |(last, first)| last - first));
    }
    distribution
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(frame: i64, made_of: &str, luma: &str) -> Shown {
        let (made_of, luma) = (made_of.into(), luma.into());
        Shown { frame, moment_ns: 0, host_ns: frame * 1_000_000, made_of, luma, brightness: 0.0 }
    }

    #[test]
    fn a_frame_that_two_have_drawn_otherwise_is_counted_whatever_was_otherwise() {
        let one = [shown(1, "a", "x"), shown(2, "b", "x"), shown(3, "c", "x"), shown(4, "", "x"), shown(6, "d", "x")];
        let twin = [shown(1, "a", "x"), shown(2, "b", "y"), shown(3, "C", "x"), shown(4, "e", "x")];
        let other = [shown(2, "b", "z"), shown(3, "c", "z"), shown(6, "d", "z")];
        let found = agreement(&[("left", &one), ("left", &twin), ("right", &other)]);
        let expected = Agreement { shared: 5, by_all: 2, differing: 3, unsure: 1, drawn: 12, skipped: 3 };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_spread_is_between_the_first_and_the_last_of_those_that_have_a_frame() {
        let late = |late: i64| [1, 2, 3].map(|frame| Shown { host_ns: frame * 1_000 + late, ..shown(frame, "a", "x") });
        let (one, two, three) = (late(0), late(3_000_000), late(1_000_000));
        let spread = spread(&[&one, &two[..2], &three], 1);
        assert_eq!(spread.count(), 1);
        assert!((spread.percentile_ms(50.0) - 3.0).abs() < 0.01);
    }
}
