//! The hop thread's report for other threads. Newest wins; the hop thread never waits for a reader.

use crate::dispatch::Spread;
use downbeat_audio::Report;
use downbeat_engine::{Lock, MusicState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, TryLockError};

/// The report of the hop thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HopReport {
    /// The audio source's report.
    pub source: Report,
    /// The state of each bus.
    pub music: Vec<MusicState>,
    /// Whether left and right of each bus cancel.
    pub cancels: Vec<bool>,
    /// What sets the tempo.
    pub lead: String,
    /// Whether a person sets it.
    pub by_hand: bool,
    /// Whether the beat can be trusted, and why.
    pub lock: Lock,
    /// Why, for the operator, and how long the beat continues if nothing gives it.
    pub locked_why: String,
    /// Why the timeline last changed.
    pub why: String,
    /// 99th percentile of the computing time of a hop, in microseconds.
    pub hop_p99_us: f64,
}

/// Maximum of characters of what became of the configuration.
const LONGEST: usize = 1000;

/// Where time goes until a hop is done. Written by the hop thread, which never waits for a reader.
#[derive(Debug, Default)]
pub struct Stages {
    /// From the capture of a block's first sample to its arrival.
    pub capture: Spread,
    /// From the arrival of the last block of a hop until its tick is with everyone.
    pub hop: Spread,
    /// The computing time of a hop.
    pub computing: Spread,
}

/// Where the hop thread posts its report.
#[derive(Debug, Default)]
pub struct Board {
    report: Mutex<HopReport>,
    hops: AtomicU64,
    /// Where time goes.
    pub stages: Stages,
    standing: Mutex<String>,
    config: Mutex<(String, u64)>,
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

    /// Replaces the report, unless the old one is being read.
    pub fn put(&self, report: HopReport) {
        match self.report.try_lock() {
            Ok(mut current) => *current = report,
            Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() = report,
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Sets whether this daemon leads or stands by, and why, as text. Not for the hop thread.
    pub fn stand(&self, words: &str) {
        words.clone_into(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// As last set by [`stand`](Self::stand).
    pub fn standing(&self) -> String {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what became of the configuration, as text. Not for the hop thread.
    pub fn set_config(&self, words: &str) {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        *config = (downbeat_log::one_line(words, LONGEST), config.1 + 1);
    }

    /// As last set by [`set_config`](Self::set_config), and how often it was.
    pub fn config(&self) -> (String, u64) {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest report.
    pub fn report(&self) -> HopReport {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
