//! The figures, for whoever asks: since the start and over the last minute.

use super::process::Threads;
use super::reading::{Figures, Reading};
use super::{Roster, metrics};
use crate::board::Board;
use downbeat_protocol::Status;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The last minute.
const MINUTE: Duration = Duration::from_secs(60);
/// How often a reading is kept to compare with.
const EVERY: Duration = Duration::from_secs(5);

/// Reads all counters on request. Clones share it.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    roster: Roster,
    board: Arc<Board>,
    started: Instant,
    kept: Mutex<Kept>,
    threads: Mutex<Threads>,
}

#[derive(Debug, Default)]
struct Kept {
    status: Status,
    leads: bool,
    /// Readings of the last minute, and one that is older, oldest first.
    readings: VecDeque<Arc<Reading>>,
}

/// The page `/status`.
#[derive(Debug, Serialize)]
struct Page {
    status: Status,
    leads: bool,
    process: Usage,
    last_minute: Figures,
    since_start: Figures,
}

/// What the process uses now.
#[derive(Debug, Serialize)]
struct Usage {
    resident_bytes: u64,
    most_resident_bytes: u64,
    locked_bytes: u64,
    swapped_bytes: u64,
    open_files: u64,
    most_files: Option<u64>,
    threads: usize,
}

impl Telemetry {
    /// Reads the counters of these.
    pub fn new(roster: Roster, board: Arc<Board>) -> Self {
        Self(Arc::new(Shared {
            roster,
            board,
            started: Instant::now(),
            kept: Mutex::default(),
            threads: Mutex::default(),
        }))
    }

    /// Keeps the newest status, and a reading now and then.
    pub fn keep(&self, now: Instant, status: &Status, leads: bool) {
        let is_due = self.kept().readings.back().is_none_or(|last| now >= last.at + EVERY);
        // Reading takes a while: nobody waits for it.
        let reading = is_due.then(|| Arc::new(Reading { at: now, ..self.read() }));
        let mut kept = self.kept();
        kept.status.clone_from(status);
        kept.leads = leads;
        kept.readings.extend(reading);
        while kept.readings.get(1).is_some_and(|second| now >= second.at + MINUTE) {
            kept.readings.pop_front();
        }
    }

    /// Everything as JSON.
    pub fn page(&self) -> impl Serialize + use<> {
        let (status, leads, then) = {
            let kept = self.kept();
            (kept.status.clone(), kept.leads, kept.readings.front().cloned())
        };
        let now = self.read();
        let process = &now.process;
        Page {
            process: Usage {
                resident_bytes: process.resident_bytes,
                most_resident_bytes: process.most_resident_bytes,
                locked_bytes: process.locked_bytes,
                swapped_bytes: process.swapped_bytes,
                open_files: process.open_files,
                most_files: process.most_files,
                threads: process.running,
            },
            last_minute: now.figures(self.0.started, then.as_deref()),
            since_start: now.figures(self.0.started, None),
            status,
            leads,
        }
    }

    /// Everything in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let (status, leads) = {
            let kept = self.kept();
            (kept.status.clone(), kept.leads)
        };
        metrics::text(metrics::Moment { uptime: self.0.started.elapsed(), reading: self.read(), status, leads })
    }

    fn read(&self) -> Reading {
        let mut threads = self.0.threads.lock().unwrap_or_else(PoisonError::into_inner);
        Reading::take(&self.0.roster, &self.0.board, &mut threads)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Health;
    use crate::status::{Entry, Section};
    use serde_json::Value;

    fn telemetry() -> (Telemetry, Arc<Health>) {
        let (roster, health) = (Roster::default(), Arc::new(Health::default()));
        let theirs = Arc::clone(&health);
        roster.enter(Entry { section: Section::Outputs, name: "desk".into(), kind: "osc".into(), health: theirs });
        (Telemetry::new(roster, Arc::default()), health)
    }

    fn page(telemetry: &Telemetry) -> Value {
        serde_json::to_value(telemetry.page()).expect("JSON")
    }

    #[test]
    fn the_last_minute_forgets_what_was_before() {
        let (telemetry, health) = telemetry();
        health.count_sent_many(100);
        health.count_lateness(80_000_000);
        let begun = Instant::now();
        telemetry.keep(begun, &Status::default(), true);
        health.count_sent_many(7);
        health.count_missed(2);
        let told = page(&telemetry);
        let (all, recent) = (&told["since_start"]["outputs"]["desk"], &told["last_minute"]["outputs"]["desk"]);
        assert_eq!((all["sent"].as_u64(), all["late"].as_u64()), (Some(107), Some(1)));
        assert_eq!((recent["sent"].as_u64(), recent["late"].as_u64()), (Some(7), Some(0)));
        assert_eq!((recent["missed"].as_u64(), recent["dropped"].as_u64()), (Some(2), Some(2)));
        assert_eq!(recent["lateness"]["count"], 0);
        assert_eq!(all["lateness"]["max_below_ms"], 90.0);
        // Later the seven are old, too.
        for second in 0..=70 {
            telemetry.keep(begun + Duration::from_secs(second), &Status::default(), true);
        }
        assert_eq!(page(&telemetry)["last_minute"]["outputs"]["desk"]["sent"], 0);
    }

    #[test]
    fn what_is_kept_to_compare_with_does_not_grow() {
        let (telemetry, _) = telemetry();
        let begun = Instant::now();
        for quarter in 0..4_000 {
            telemetry.keep(begun + Duration::from_millis(250 * quarter), &Status::default(), true);
        }
        let readings = &telemetry.kept().readings;
        assert!((12..=14).contains(&readings.len()), "{}", readings.len());
    }
}
