//! How many lines may be written. Pure: time is an argument.
//!
//! Somebody who sends ten thousand bad packets a second must not fill the disk. So the lines about one thing, written
//! from one place in the code, share a small supply that refills slowly, and all lines share a large one. What is left
//! out is counted, and a line says so later.

use std::collections::BTreeMap;
use std::time::Duration;
use tracing::Level;

/// Lines about one thing that may follow each other at once.
const BURST: f64 = 5.0;
/// Time after which there is room for one more of them.
const REFILL: Duration = Duration::from_secs(60);
/// Bytes that may be written at once: the start of a large show is some hundred lines.
const TOTAL: f64 = 100_000.0;
/// Bytes a second in the long run: 540 kB an hour, and so below 1 MB an hour with what was written at once.
const RATE: f64 = 150.0;
/// The part of the common room that is kept for errors and for warnings: no notes silence a warning.
const KEPT: [(Level, f64); 2] = [(Level::INFO, 0.5), (Level::WARN, 0.1)];
/// Maximum of things that are told apart. Beyond it, what was silent for longest is forgotten.
const THINGS: usize = 256;

/// Maximum of things of which a line is shown when it is summed up what was left out.
const SUMMED_UP: usize = 3;

/// The place in the code, and the thing that a line is about.
pub type Key = (usize, String);

/// What may be written.
#[derive(Debug)]
pub struct Limit {
    things: BTreeMap<Key, Thing>,
    room: f64,
    at: Duration,
    /// Lines that were left out about things that are forgotten, and how many those are.
    forgotten: (u64, usize),
}

#[derive(Debug)]
struct Thing {
    room: f64,
    at: Duration,
    level: Level,
    left_out: u64,
    example: String,
}

impl Default for Limit {
    fn default() -> Self {
        Self { things: BTreeMap::new(), room: TOTAL, at: Duration::ZERO, forgotten: (0, 0) }
    }
}

impl Limit {
    /// Whether a line may be written at `now`, a time since any beginning. If so, how many like it were left out.
    pub fn admit(&mut self, key: Key, level: Level, line: &str, now: Duration) -> Option<u64> {
        self.room = (self.room + now.saturating_sub(self.at).as_secs_f64() * RATE).min(TOTAL);
        self.at = now;
        if self.things.len() >= THINGS && !self.things.contains_key(&key) {
            self.forget();
        }
        let fresh = || Thing { room: BURST, at: now, level, left_out: 0, example: String::new() };
        let thing = self.things.entry(key).or_insert_with(fresh);
        let refilled = now.saturating_sub(thing.at).as_secs_f64() / REFILL.as_secs_f64();
        thing.room = (thing.room + refilled).min(BURST);
        thing.at = now;
        let kept = KEPT.iter().find(|(of, _)| *of == level).map_or(0.0, |(_, part)| part * TOTAL);
        if thing.room < 1.0 || self.room < kept + line.len() as f64 {
            thing.left_out += 1;
            line.clone_into(&mut thing.example);
            return None;
        }
        thing.room -= 1.0;
        self.room -= line.len() as f64;
        Some(std::mem::take(&mut thing.left_out))
    }

    /// A line on each of the things of which most was left out since the last call, errors and warnings first, and one on
    /// the others. Call it once a minute.
    pub fn left_out(&mut self) -> Vec<String> {
        let things = self.things.values_mut().filter(|thing| thing.left_out > 0);
        let take =
            |thing: &mut Thing| (thing.level, std::mem::take(&mut thing.left_out), std::mem::take(&mut thing.example));
        let mut missing: Vec<(Level, u64, String)> = things.map(take).collect();
        // An error is less than a note: the order is that of what is wanted.
        missing.sort_by_key(|(level, count, _)| (*level, std::cmp::Reverse(*count)));
        let others = missing.split_off(missing.len().min(SUMMED_UP));
        let mut lines: Vec<String> =
            missing.iter().map(|(_, count, line)| format!("left out {count} lines, the last: {line}")).collect();
        let (forgotten, things) = std::mem::take(&mut self.forgotten);
        let (count, things) =
            (forgotten + others.iter().map(|(_, count, _)| count).sum::<u64>(), things + others.len());
        if things > 0 {
            lines.push(format!("left out {count} lines about {things} other things"));
        }
        lines
    }

    fn forget(&mut self) {
        let oldest =
            self.things.iter().min_by_key(|(_, thing)| (thing.left_out > 0, thing.at)).map(|(key, _)| key.clone());
        if let Some(thing) = oldest.and_then(|key| self.things.remove(&key)).filter(|thing| thing.left_out > 0) {
            self.forgotten = (self.forgotten.0 + thing.left_out, self.forgotten.1 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: Level = Level::INFO;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_flood_from_one_place_is_a_handful_of_lines_and_a_count() {
        let mut limit = Limit::default();
        let admitted =
            (0..1182).filter(|i| limit.admit((1, "tablet".into()), INFO, "bad", at(f64::from(*i) / 118.2)).is_some());
        assert_eq!(admitted.count(), 5);
        assert_eq!(limit.left_out(), ["left out 1177 lines, the last: bad"]);
        assert!(limit.left_out().is_empty());
    }

    #[test]
    fn one_thing_does_not_silence_another() {
        let mut limit = Limit::default();
        (0..100).for_each(|_| _ = limit.admit((1, "tablet".into()), INFO, "bad", at(1.0)));
        assert_eq!(limit.admit((1, "desk".into()), INFO, "gone", at(1.0)), Some(0));
        assert_eq!(limit.admit((2, "tablet".into()), INFO, "gone", at(1.0)), Some(0));
    }

    #[test]
    fn what_was_left_out_of_many_things_is_a_few_lines() {
        let mut limit = Limit::default();
        for thing in 0..100 {
            (0..10 + thing % 2).for_each(|_| _ = limit.admit((1, thing.to_string()), INFO, "bad", at(0.0)));
        }
        let lines = limit.left_out();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "left out 6 lines, the last: bad");
        assert_eq!(lines[3], "left out 532 lines about 97 other things");
    }

    #[test]
    fn the_next_line_says_how_many_are_missing() {
        let mut limit = Limit::default();
        (0..8).for_each(|_| _ = limit.admit((1, "tablet".into()), INFO, "bad", at(0.0)));
        assert_eq!(limit.admit((1, "tablet".into()), INFO, "bad", at(61.0)), Some(3));
    }

    #[test]
    fn an_hour_of_anything_stays_below_a_megabyte() {
        let mut limit = Limit::default();
        let line = "x".repeat(300);
        let mut bytes = 0;
        for i in 0..360_000 {
            let key = (i % 7, format!("192.0.2.{}", i % 5000));
            bytes += limit.admit(key, INFO, &line, at(i as f64 / 100.0)).map_or(0, |_| line.len());
        }
        assert!((500_000..1_000_000).contains(&bytes), "{bytes}");
        assert!(limit.things.len() <= THINGS);
    }

    #[test]
    fn notes_about_any_number_of_things_do_not_silence_a_warning_nor_warnings_an_error() {
        let mut limit = Limit::default();
        for (level, other) in [(INFO, Level::WARN), (Level::WARN, Level::ERROR)] {
            for thing in 0..10_000 {
                let _ = limit.admit((1, thing.to_string()), level, &"x".repeat(200), at(1.0));
            }
            for thing in 0..5 {
                assert!(limit.admit((2, thing.to_string()), other, "the audio is lost", at(1.0)).is_some(), "{other}");
            }
        }
        let told = (0..9).filter(|_| limit.admit((3, "jack".into()), Level::ERROR, "gone", at(1.0)).is_some()).count();
        assert_eq!(told, 5);
        let lines = limit.left_out();
        assert_eq!(lines[0], "left out 4 lines, the last: gone", "errors first: {lines:?}");
        let all: u64 = lines.iter().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()).sum();
        let written = (TOTAL * 0.9 / 200.0) as u64;
        assert!((20_004 - written - 9..=20_004).contains(&all), "nothing left out is forgotten: {all}");
    }
}
