//! What a process uses over its life: memory and descriptors.

use std::time::Duration;

/// From this age on a process should not grow; a shorter run is judged from a third of its length.
pub const SETTLED: Duration = Duration::from_secs(600);
/// What an allocator may add without a leak: 2 MB, and a twentieth.
const ROOM: (f64, f64) = (2.0, 1.05);
/// Descriptors of connections that come and go.
const DESCRIPTORS: i64 = 16;

/// Samples of one life.
#[derive(Default)]
pub struct Usage {
    /// Age in seconds, resident megabytes (without shared files), descriptors, threads.
    pub samples: Vec<(f64, f64, i64, i64)>,
}

/// How a life went from the moment when it had settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Megabytes when settled, and the most of the last tenth.
    pub megabytes: [f64; 2],
    /// Descriptors when settled, and the least of the last tenth.
    pub descriptors: [i64; 2],
}

impl Growth {
    /// Whether it has not grown.
    pub fn is_flat(&self) -> bool {
        self.megabytes[1] <= self.megabytes[0] * ROOM.1 + ROOM.0
            && self.descriptors[1] <= self.descriptors[0] + DESCRIPTORS
    }
}

impl Usage {
    /// Takes one of a process.
    pub fn sample(&mut self, process: u32, age: Duration) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let number = |field: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(field))?;
            line.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok()
        };
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count) as i64;
        if let (Some(kilobytes), Some(threads)) = (number("RssAnon"), number("Threads")) {
            self.samples.push((age.as_secs_f64(), kilobytes / 1024.0, descriptors, threads as i64));
        }
    }

    /// How it grew from an age on; nothing when it did not live at least half as long again.
    pub fn growth(&self, settled: Duration) -> Option<Growth> {
        let settled = settled.as_secs_f64();
        let last = self.samples.last()?.0;
        if last < 1.5 * settled {
            return None;
        }
        let in_span = |from: f64, to: f64| self.samples.iter().filter(move |it| (from..=to).contains(&it.0));
        let most = |from, to| in_span(from, to).map(|it| it.1).fold(0.0, f64::max);
        let least = |from, to| in_span(from, to).map(|it| it.2).min().unwrap_or(0);
        let (early, late) = ((0.8 * settled, 1.1 * settled), (0.9 * last, last));
        Some(Growth {
            megabytes: [most(early.0, early.1), most(late.0, late.1)],
            descriptors: [least(early.0, early.1), least(late.0, late.1)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(megabytes: impl Fn(f64) -> f64, descriptors: impl Fn(f64) -> i64) -> Usage {
        let at = |second: u32| f64::from(second) * 10.0;
        Usage { samples: (0..360).map(|it| (at(it), megabytes(at(it)), descriptors(at(it)), 9)).collect() }
    }

    #[test]
    fn a_life_that_settles_is_flat_and_one_that_leaks_is_not() {
        let settles = life(|age| 50.0 + age.min(500.0) / 100.0, |_| 40);
        assert!(settles.growth(SETTLED).is_some_and(|it| it.is_flat()));
        let leaks = life(|age| 50.0 + age / 300.0, |_| 40);
        assert!(leaks.growth(SETTLED).is_some_and(|it| !it.is_flat()));
        let opens = life(|_| 50.0, |age| 40 + (age / 60.0) as i64);
        assert!(opens.growth(SETTLED).is_some_and(|it| !it.is_flat()));
    }

    #[test]
    fn a_short_life_says_nothing() {
        assert_eq!(Usage { samples: vec![(5.0, 50.0, 40, 9), (700.0, 90.0, 40, 9)] }.growth(SETTLED), None);
    }
}
