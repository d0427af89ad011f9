//! What is told once more, since UDP loses some packets: what has just changed, soon; everything, in turn. Pure.

use crate::edges::cadence::Cadence;
use downbeat_protocol::tree::Told;
use downbeat_protocol::{HostTime, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long after a change it is told again: longer than most disturbances of a wireless network.
const SOON: Duration = Duration::from_millis(400);
/// How often a change is told again, each time after twice as long: with every fifth packet lost, one change of three
/// thousand is still unknown then, and waits for the round.
const TIMES: u32 = 4;
/// How often something is due.
const STEP: Duration = Duration::from_millis(200);
/// Steps in which everything is told again: ten seconds.
const ROUND: usize = 50;

/// Who knows what is due.
pub struct Reminder {
    steps: Cadence,
    /// What has changed, when it is due again, and how often it has been told again.
    changed: BTreeMap<String, (HostTime, u32)>,
    /// The values at the beginning, and the last ones of what has changed.
    values: BTreeMap<String, Value>,
    /// The next step of the round.
    step: usize,
}

impl Default for Reminder {
    fn default() -> Self {
        Self { steps: Cadence::new(STEP), changed: BTreeMap::new(), values: BTreeMap::new(), step: 0 }
    }
}

impl Reminder {
    /// Something has changed, and was told. What was only set once more, to the same value, is told again once: a program
    /// that sends everything back, when it comes late, would be reminded of its own words for ever.
    pub fn changed(&mut self, address: &str, value: &Value, now: HostTime) {
        let before = self.values.insert(address.to_owned(), value.clone());
        let times = if before.as_ref() == Some(value) { TIMES - 1 } else { 0 };
        let due = self.changed.entry(address.to_owned()).or_insert((now + SOON, times));
        if times == 0 {
            *due = (now + SOON, 0);
        }
    }

    /// When [`take`](Self::take) is next needed.
    pub fn wake_at(&self) -> HostTime {
        self.steps.next()
    }

    /// Whether something is due.
    pub fn is_due(&self, now: HostTime) -> bool {
        now >= self.steps.next()
    }

    /// What is due of everything that there is.
    pub fn take(&mut self, now: HostTime, all: Vec<Told>) -> Vec<Told> {
        // Who has just come has been told everything.
        let begins = self.steps.next() == HostTime(i64::MIN);
        let is_due = self.steps.take(now);
        if begins {
            for (address, value) in all {
                self.values.entry(address).or_insert(value);
            }
            return Vec::new();
        }
        if !is_due {
            return Vec::new();
        }
        if self.step == 0 {
            // What is gone for good, such as a cue, is forgotten.
            let there: BTreeSet<&str> = all.iter().map(|(address, _)| address.as_str()).collect();
            self.values.retain(|address, _| there.contains(address.as_str()));
        }
        let slice = all.len() * self.step / ROUND..all.len() * (self.step + 1) / ROUND;
        self.step = (self.step + 1) % ROUND;
        let mut soon = BTreeSet::new();
        self.changed.retain(|address, (due, times)| {
            if *due > now {
                return true;
            }
            soon.insert(address.clone());
            *times += 1;
            *due = now + SOON * 2_u32.pow(*times);
            *times < TIMES
        });
        let is_due = |place: usize, address: &str| slice.contains(&place) || soon.contains(address);
        all.into_iter().enumerate().filter(|(place, told)| is_due(*place, &told.0)).map(|(_, told)| told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    fn all(count: usize) -> Vec<Told> {
        (0..count).map(|number| (format!("/param/{number}"), Value::from(number as f64))).collect()
    }

    #[test]
    fn a_change_is_told_again_soon_and_then_less_and_less_often() {
        let mut reminder = Reminder::default();
        reminder.changed("/param/299", &0.5.into(), at(1_000));
        // Four times; the round comes by after these.
        let when: Vec<i64> = (900..9_000)
            .step_by(10)
            .filter(|ms| reminder.take(at(*ms), all(300)).iter().any(|(address, _)| address == "/param/299"))
            .collect();
        assert!(matches!(when[..], [1_400..=1_600, 2_200..=2_600, 3_800..=4_400, 7_000..=7_800]), "{when:?}");
    }

    #[test]
    fn what_is_set_to_the_same_value_again_is_told_again_once() {
        let mut reminder = Reminder::default();
        reminder.changed("/param/299", &0.5.into(), at(0));
        (0..8_000).step_by(10).for_each(|ms| drop(reminder.take(at(ms), all(300))));
        reminder.changed("/param/299", &0.5.into(), at(8_000));
        assert_eq!(reminder.changed.get("/param/299"), Some(&(at(8_400), TIMES - 1)));
        // While a change is still told again, that does not end.
        reminder.changed("/param/1", &0.5.into(), at(8_000));
        reminder.changed("/param/1", &0.5.into(), at(8_100));
        assert_eq!(reminder.changed.get("/param/1"), Some(&(at(8_400), 0)));
    }

    #[test]
    fn everything_is_told_within_ten_seconds_and_little_at_a_time() {
        for count in [1, 7, 49, 50, 51, 1_234] {
            let mut reminder = Reminder::default();
            let mut told = BTreeSet::new();
            for ms in (0..10_600).step_by(100) {
                let due = reminder.take(at(ms), all(count));
                assert!(due.len() <= count.div_ceil(ROUND), "{} at once", due.len());
                told.extend(due.into_iter().map(|(address, _)| address));
            }
            assert_eq!(told.len(), count);
        }
    }
}
