//! Which hosts mostly send back what they are told. Pure.

use downbeat_protocol::ShowTime;
use std::collections::HashMap;

/// Maximum of hosts; one more takes the place of the one silent for longest.
const HOSTS: usize = 256;
/// A person hits what was told now and then; this often, and as a quarter of all that a host sends, is a habit.
const HABIT: u32 = 8;
const SHARE: u32 = 4;
/// When the counts are halved, so that the habit is that of late.
const MANY: u32 = 512;

/// The hosts and their habits.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeaters(HashMap<String, Habit>);

#[derive(Clone, Debug)]
struct Habit {
    heard: ShowTime,
    repeated: u32,
    commanded: u32,
}

impl Repeaters {
    /// Notes that a host has repeated something, or commanded.
    pub fn note(&mut self, host: &str, repeats: bool, now: ShowTime) {
        if self.0.len() >= HOSTS && !self.0.contains_key(host) {
            let silent = self.0.iter().min_by_key(|(_, habit)| habit.heard).map(|(host, _)| host.clone());
            silent.and_then(|silent| self.0.remove(&silent));
        }
        let new = Habit { heard: now, repeated: 0, commanded: 0 };
        let habit = self.0.entry(host.to_owned()).or_insert(new);
        habit.heard = now;
        *(if repeats { &mut habit.repeated } else { &mut habit.commanded }) += 1;
        if habit.repeated + habit.commanded >= MANY {
            (habit.repeated, habit.commanded) = (habit.repeated / 2, habit.commanded / 2);
        }
    }

    /// Whether a host mostly repeats.
    pub fn has(&self, host: &str) -> bool {
        let is_habit = |it: &Habit| it.repeated >= HABIT && it.repeated * SHARE >= it.repeated + it.commanded;
        self.0.get(host).is_some_and(is_habit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_sends_back_everything_is_told_from_a_person() {
        let mut repeaters = Repeaters::default();
        for it in 0..100 {
            repeaters.note("osc:192.0.2.66", it % 4 != 0, ShowTime(it));
            repeaters.note("osc:192.0.2.7", it % 20 == 0, ShowTime(it));
        }
        assert!(repeaters.has("osc:192.0.2.66") && !repeaters.has("osc:192.0.2.7"));
        (0..1_000).for_each(|it| repeaters.note(&format!("osc:{it}"), true, ShowTime(1_000 + it)));
        assert_eq!(repeaters.0.len(), HOSTS);
    }
}
