//! Which step a rule takes, and when its pattern lets it act: functions of only its name and counts, so that another
//! daemon with the same counts chooses the same.

use downbeat_protocol::rule::{Choice, Euclid, Ramp, Rule};

/// The indices of the steps that a rule takes on its `count`th time.
pub(crate) fn steps(name: &str, rule: &Rule, count: u64) -> Vec<usize> {
    let steps = rule.steps.len();
    if steps == 0 {
        return Vec::new();
    }
    match rule.choice {
        Choice::All => (0..steps).collect(),
        Choice::Cycle => vec![(count % steps as u64) as usize],
        Choice::Shuffle => vec![shuffled(name, count, steps)],
        Choice::Weighted => weighted(name, count, rule.steps.iter().map(|step| step.weight)).into_iter().collect(),
        Choice::Unknown(_) => Vec::new(),
    }
}

/// Whether chance lets a rule act.
pub(crate) fn is_lucky(name: &str, chance: f64, occasion: u64) -> bool {
    part(hash(name, Salt::Chance, occasion)) < chance
}

/// Whether a pattern has a hit at a place: spread as evenly as possible, starting with a hit.
pub(crate) fn is_hit(pattern: Euclid, place: i64) -> bool {
    // Wide enough for a pattern from a file that nobody checked.
    let (hits, steps) = (i128::from(pattern.hits), i128::from(pattern.steps.max(1)));
    let place = (i128::from(place) - i128::from(pattern.rotation)).rem_euclid(steps);
    (place * hits).rem_euclid(steps) < hits
}

/// The number of a ramp on its `count`th time; after the last it starts again.
pub(crate) fn ramp(ramp: &Ramp, count: u64) -> f64 {
    let times = u64::from(ramp.times.max(1));
    let last = (times - 1).max(1) as f64;
    let part = (count % times) as f64 / last;
    ramp.from + (ramp.to - ramp.from) * part
}

/// No repeats until all were taken, nor from one round to the next.
fn shuffled(name: &str, count: u64, steps: usize) -> usize {
    let (round, place) = (count / steps as u64, (count % steps as u64) as usize);
    // With two, avoiding repeats means alternating.
    if steps <= 2 {
        return (place + (hash(name, Salt::Shuffle, 0) % steps as u64) as usize) % steps;
    }
    let mut order = shuffle(name, round, steps);
    let before = round.checked_sub(1).map(|round| shuffle(name, round, steps)[steps - 1]);
    if before == Some(order[0]) {
        // The last stays in place, so that the next round knows it.
        order.swap(0, 1);
    }
    order[place]
}

/// A Fisher–Yates shuffle.
fn shuffle(name: &str, round: u64, steps: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..steps).collect();
    for last in (1..steps).rev() {
        let other = hash(name, Salt::Shuffle, round * steps as u64 + last as u64) % (last as u64 + 1);
        order.swap(last, other as usize);
    }
    order
}

fn weighted(name: &str, count: u64, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
    let sum: f64 = weights.clone().sum();
    let mut left = part(hash(name, Salt::Weighted, count)) * sum;
    let mut chosen = None;
    for (place, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
        chosen = Some(place);
        if left < weight {
            break;
        }
        left -= weight;
    }
    chosen
}

/// The purposes of a draw: draws for different purposes are independent.
#[derive(Clone, Copy)]
enum Salt {
    Shuffle,
    Weighted,
    Chance,
}

/// FNV-1a over everything, finished as MurmurHash3, which spreads small differences over all bits.
fn hash(name: &str, salt: Salt, count: u64) -> u64 {
    let bytes = name.bytes().chain([salt as u8]).chain(count.to_le_bytes());
    let mut hash =
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// A hash as a number in `[0, 1)`.
fn part(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::rule::Step;

    fn taken(choice: Choice, weights: &[f64], times: u64) -> Vec<usize> {
        let steps = weights.iter().map(|weight| Step { weight: *weight, ..Step::default() }).collect();
        let rule = Rule { choice, steps, ..Rule::default() };
        (0..times).flat_map(|count| steps_of(&rule, count)).collect()
    }

    fn steps_of(rule: &Rule, count: u64) -> Vec<usize> {
        steps("scenes", rule, count)
    }

    #[test]
    fn all_takes_every_step_and_a_cycle_one_after_the_other() {
        assert_eq!(taken(Choice::All, &[1.0; 3], 2), [0, 1, 2, 0, 1, 2]);
        assert_eq!(taken(Choice::Cycle, &[1.0; 3], 4), [0, 1, 2, 0]);
        assert_eq!(taken(Choice::Cycle, &[], 4), [0; 0]);
    }

    #[test]
    fn a_shuffle_repeats_nothing_before_all_were_taken_nor_twice_in_a_row() {
        for steps in 1..9 {
            let taken = taken(Choice::Shuffle, &vec![1.0; steps], 60 * steps as u64);
            for round in taken.chunks(steps) {
                let mut round = round.to_vec();
                round.sort_unstable();
                assert!(round.into_iter().eq(0..steps), "{steps}");
            }
            assert!(steps == 1 || taken.windows(2).all(|pair| pair[0] != pair[1]), "{steps}: {taken:?}");
        }
        let taken = taken(Choice::Shuffle, &[1.0; 4], 400);
        let rounds: std::collections::BTreeSet<_> = taken.chunks(4).collect();
        assert!(rounds.len() > 15, "the order differs between rounds");
    }

    #[test]
    fn the_heavier_step_is_taken_more_often_and_one_without_weight_never() {
        let taken = taken(Choice::Weighted, &[1.0, 0.0, 3.0], 4000);
        let of = |step| taken.iter().filter(|taken| **taken == step).count();
        assert_eq!((of(1), of(0) + of(2)), (0, 4000));
        assert!((2800..3200).contains(&of(2)), "{}", of(2));
    }

    #[test]
    fn chance_is_as_likely_as_it_says() {
        let lucky = |chance| (0..4000).filter(|occasion| is_lucky("x", chance, *occasion)).count();
        assert_eq!((lucky(0.0), lucky(1.0)), (0, 4000));
        assert!((900..1100).contains(&lucky(0.25)), "{}", lucky(0.25));
    }

    #[test]
    fn euclids_patterns_are_those_that_musicians_know() {
        let pattern = |hits, steps, rotation| {
            let pattern = Euclid { hits, steps, rotation };
            (0..i64::from(steps)).map(|place| if is_hit(pattern, place) { 'x' } else { '.' }).collect::<String>()
        };
        assert_eq!(pattern(3, 8, 0), "x..x..x.");
        assert_eq!(pattern(4, 16, 0), "x...x...x...x...");
        assert_eq!(pattern(5, 8, 0), "x.x.xx.x");
        assert_eq!(pattern(3, 8, 2), "x.x..x..", "starts two places later");
        assert_eq!((pattern(0, 4, 0), pattern(4, 4, 0)), ("....".into(), "xxxx".into()));
        assert!(is_hit(Euclid { hits: 3, steps: 8, rotation: 0 }, -8));
    }

    #[test]
    fn a_ramp_reaches_both_ends_and_begins_again() {
        let numbers = |times| (0..5).map(|count| ramp(&Ramp { from: 1.0, to: 0.0, times }, count)).collect::<Vec<_>>();
        assert_eq!(numbers(3), [1.0, 0.5, 0.0, 1.0, 0.5]);
        assert_eq!(numbers(1), [1.0; 5]);
    }
}
