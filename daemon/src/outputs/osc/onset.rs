//! Onsets as events: a counter in the row reports each, even if its own row was skipped.

use crate::edges::osc::encode::{Arg, Head};
use crate::edges::value_sender::counted;
use downbeat_protocol::{Row, Schema};
use std::collections::BTreeMap;

/// The counter of a bus and band, and the curve with the strength of the onset.
const COUNTER: &str = ".onset-count.";
const STRENGTH: &str = ".onset-strength.";

/// One band of one bus.
#[derive(Clone, Debug)]
pub struct Onset {
    head: Head,
    counter: usize,
    strength: Option<usize>,
    last: Option<f32>,
}

impl Onset {
    /// All bands of all buses: `/onset/BUS/BAND` with trigger, counter and strength.
    pub fn all(schema: &Schema, rename: &BTreeMap<String, String>) -> Vec<Self> {
        let each = |(counter, signal): (usize, &downbeat_protocol::Signal)| {
            let (bus, band) = signal.name.split_once(COUNTER)?;
            let address = rename.get(&format!("onset.{bus}.{band}")).cloned();
            let address = address.unwrap_or_else(|| format!("/onset/{bus}/{band}"));
            let strength = schema.find(&format!("{bus}{STRENGTH}{band}")).map(|(place, _)| place);
            Some(Self { head: Head::new(&address, "iif"), counter, strength, last: None })
        };
        schema.places().filter_map(each).collect()
    }

    /// The address and type tags.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Goes on where the same band was in an earlier layout.
    pub fn continue_from(&mut self, earlier: &Self) {
        self.last = earlier.last;
    }

    /// Others tell the receiver meanwhile: the next reading is the first one.
    pub fn begin_anew(&mut self) {
        self.last = None;
    }

    /// How many onsets have come since the last call, if any, and the arguments of the newest.
    pub fn take(&mut self, row: &Row) -> Option<(u64, [Arg<'static>; 3])> {
        let counter = *row.values.get(self.counter)?;
        let last = self.last.replace(counter)?;
        if counter == last {
            return None;
        }
        let count = counted(last.into(), counter.into());
        let strength = self.strength.and_then(|place| row.values.get(place)).copied();
        let strength = strength.filter(|strength| strength.is_finite()).unwrap_or(1.0);
        Some((count, [Arg::Int(1), Arg::Int(counter as i32), Arg::Float(strength)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Signal, Unit};

    #[test]
    fn an_onset_is_told_once_with_its_strength() {
        let schema = Schema {
            signals: vec![
                Signal::scalar("main.onset-strength.low", Unit::Ratio, [0.0, 1.0]),
                Signal::scalar("main.onset-count.low", Unit::Count, [0.0, 1023.0]),
            ],
        };
        let mut onsets = Onset::all(&schema, &BTreeMap::new());
        assert_eq!(onsets[0].head(), &Head::new("/onset/main/low", "iif"));
        let row = |strength, count| Row { values: [strength, count].into(), ..Row::default() };
        assert_eq!(onsets[0].take(&row(0.9, 7.0)), None, "the past is not reported");
        let told = onsets[0].take(&row(0.75, 8.0));
        assert_eq!(told, Some((1, [Arg::Int(1), Arg::Int(8), Arg::Float(0.75)])));
        assert_eq!(onsets[0].take(&row(0.5, 8.0)), None);
    }
}
