//! Counter signals, and the names of their steps.

use super::said::{Kind, Said, Worth};
use downbeat_protocol::{Schema, Signal};

/// A counter: its name in a line, the signal, and the signal of its strength.
///
/// A counter unknown to this build is never reported.
const COUNTERS: &[(Kind, &str, &str)] = &[
    (Kind::Onset, "onset-count.full", "onset-strength.full"),
    (Kind::Kick, "hit-count.kick", "hit.kick"),
    (Kind::Snare, "hit-count.snare", "hit.snare"),
    (Kind::Hat, "hit-count.hat", "hit.hat"),
    (Kind::Drop, "drop-count", "drop"),
    (Kind::Section, "section-count", "section-novelty"),
];

/// One counter of a row.
#[derive(Clone, Copy, Debug)]
struct Counter {
    kind: Kind,
    place: usize,
    strength: Option<usize>,
    last: u16,
}

/// All counters that a row has.
#[derive(Clone, Debug)]
pub struct Counters(Vec<Counter>);

impl Counters {
    /// The counters of a bus.
    pub fn of(schema: &Schema, bus: &str) -> Self {
        let place = |name: &str| schema.find(&format!("{bus}.{name}")).map(|(place, _)| place);
        let counter = |&(kind, name, strength): &(Kind, &str, &str)| {
            place(name).map(|at| Counter { kind, place: at, strength: place(strength), last: 0 })
        };
        Self(COUNTERS.iter().filter_map(counter).collect())
    }

    /// The counters that have stepped since the last row, reported when heard. A step of several in one hop is reported
    /// once.
    pub fn stepped(&mut self, values: &[f32], emitted: f64) -> impl Iterator<Item = Said> {
        self.0.iter_mut().filter_map(move |counter| {
            let count = values[counter.place] as u16;
            let new = u64::from(count.wrapping_sub(counter.last)) % Signal::COUNTER_WRAP;
            counter.last = count;
            let strength = counter.strength.map_or(1.0, |place| f64::from(values[place]));
            (new > 0).then(|| Said::new(emitted, emitted, counter.kind, Worth::Number(strength)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Unit;

    fn schema(names: &[&str]) -> Schema {
        Schema { signals: names.iter().map(|name| Signal::scalar(*name, Unit::Ratio, [0.0, 1.0])).collect() }
    }

    fn kinds(said: impl Iterator<Item = Said>) -> Vec<(Kind, Worth)> {
        said.map(|said| (said.kind, said.value)).collect()
    }

    #[test]
    fn each_counter_is_said_under_its_own_name_when_it_steps() {
        let schema = schema(&["main.hit.kick", "main.hit-count.kick", "main.drop-count"]);
        let mut counters = Counters::of(&schema, "main");
        assert_eq!(kinds(counters.stepped(&[0.0, 0.0, 0.0], 0.1)), []);
        assert_eq!(kinds(counters.stepped(&[0.75, 1.0, 0.0], 0.2)), [(Kind::Kick, Worth::Number(0.75))]);
        assert_eq!(kinds(counters.stepped(&[0.5, 1.0, 1.0], 0.3)), [(Kind::Drop, Worth::Number(1.0))]);
    }

    #[test]
    fn a_counter_that_wraps_has_stepped() {
        let mut counters = Counters::of(&schema(&["main.onset-count.full"]), "main");
        assert_eq!(counters.stepped(&[(Signal::COUNTER_WRAP - 1) as f32], 0.1).count(), 1);
        assert_eq!(counters.stepped(&[0.0], 0.2).count(), 1);
        assert_eq!(counters.stepped(&[0.0], 0.3).count(), 0);
    }

    #[test]
    fn what_the_ears_do_not_count_is_not_said() {
        assert_eq!(Counters::of(&schema(&["main.rms"]), "main").stepped(&[1.0], 0.1).count(), 0);
    }
}
