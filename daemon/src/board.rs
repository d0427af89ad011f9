//! What the hop thread leaves for others to read: how it is doing. Newest wins; the hop thread never waits for a reader.

use downbeat_audio::Report;
use downbeat_engine::{Lock, MusicState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, TryLockError};

/// How the hop thread is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HopReport {
    /// The audio source's own account.
    pub source: Report,
    /// The state of each bus.
    pub music: Vec<MusicState>,
    /// Whether left and right of each bus cancel.
    pub cancels: Vec<bool>,
    /// What sets the tempo.
    pub lead: String,
    /// Whether a person leads it.
    pub by_hand: bool,
    /// Whether the beat can be trusted, and why.
    pub lock: Lock,
    /// Why the timeline was last changed.
    pub why: String,
    /// 99th percentile of the time that one hop takes to compute, in microseconds.
    pub hop_p99_us: f64,
}

/// Where the hop thread puts its report.
#[derive(Debug, Default)]
pub struct Board {
    report: Mutex<HopReport>,
    hops: AtomicU64,
    standing: Mutex<String>,
}

impl Board {
    /// Counts a finished hop. Realtime-safe: yes.
    pub fn count_hop(&self) {
        self.hops.fetch_add(1, Relaxed);
    }

    /// Hops finished since the start.
    pub fn hops(&self) -> u64 {
        self.hops.load(Relaxed)
    }

    /// Replaces the report, unless someone is just reading the old one.
    pub fn put(&self, report: HopReport) {
        match self.report.try_lock() {
            Ok(mut current) => *current = report,
            Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() = report,
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Whether this daemon leads or stands by, and since what, in words. Not for the hop thread.
    pub fn stand(&self, words: &str) {
        words.clone_into(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// As last said by [`stand`](Self::stand).
    pub fn standing(&self) -> String {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest report.
    pub fn report(&self) -> HopReport {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
