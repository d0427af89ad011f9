//! Which hosts mostly send back what they are told. Pure.

use downbeat_protocol::ShowTime;
use downbeat_protocol::echo::Habit;
use std::collections::HashMap;

/// Maximum of hosts; one more takes the place of the one silent for longest.
const HOSTS: usize = 256;
/// The hosts and their habits.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeaters(HashMap<String, (ShowTime, Habit)>);

impl Repeaters {
    /// Notes that a host has repeated something, or commanded.
    pub fn note(&mut self, host: &str, repeats: bool, now: ShowTime) {
        if self.0.len() >= HOSTS && !self.0.contains_key(host) {
            let silent = self.0.iter().min_by_key(|(_, (heard, _))| *heard).map(|(host, _)| host.clone());
            silent.and_then(|silent| self.0.remove(&silent));
        }
        let (heard, habit) = self.0.entry(host.to_owned()).or_insert((now, Habit::default()));
        *heard = now;
        habit.note(repeats);
    }

    /// Whether a host mostly repeats.
    pub fn has(&self, host: &str) -> bool {
        self.0.get(host).is_some_and(|(_, habit)| habit.is_repeater())
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
