//! Counters of outputs and controls, read by the status page.

use super::{LATE, Spread};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Maximum of characters of a fault, which has to fit a screen.
const LONGEST: usize = 300;

/// Counters of one output or control. Shared; every method takes `&self`.
#[derive(Debug)]
pub struct Health {
    /// Tells counters apart that begin at zero under one name.
    generation: AtomicU64,
    /// Messages sent, or commands taken.
    pub sent: AtomicU64,
    /// Messages that left late.
    pub late: AtomicU64,
    /// Messages lost or not sent; invalid packets.
    pub dropped: AtomicU64,
    /// Those among the dropped that could no longer land at their moment.
    pub missed: AtomicU64,
    /// How late messages with a moment left. Early ones count as on time.
    pub lateness: Spread,
    /// From the arrival of the newest audio to what was sent then.
    pub handover: Spread,
    error: Mutex<String>,
    place: Mutex<String>,
}

/// The generations so far.
static GENERATIONS: AtomicU64 = AtomicU64::new(0);

impl Default for Health {
    fn default() -> Self {
        Self {
            generation: AtomicU64::new(GENERATIONS.fetch_add(1, Relaxed)),
            sent: AtomicU64::default(),
            late: AtomicU64::default(),
            dropped: AtomicU64::default(),
            missed: AtomicU64::default(),
            lateness: Spread::default(),
            handover: Spread::default(),
            error: Mutex::default(),
            place: Mutex::default(),
        }
    }
}

impl Health {
    /// Goes on counting where the one before it has stopped.
    pub fn continue_from(&self, earlier: &Self) {
        let counts = [
            (&self.sent, &earlier.sent),
            (&self.late, &earlier.late),
            (&self.dropped, &earlier.dropped),
            (&self.missed, &earlier.missed),
        ];
        for (own, theirs) in counts {
            own.fetch_add(theirs.load(Relaxed), Relaxed);
        }
        self.lateness.add(&earlier.lateness.read());
        self.handover.add(&earlier.handover.read());
        self.generation.store(earlier.generation(), Relaxed);
    }

    /// Counters of the same generation go on from each other; others begin at zero.
    pub fn generation(&self) -> u64 {
        self.generation.load(Relaxed)
    }

    /// Counts one message out.
    pub fn count_sent(&self) {
        self.sent.fetch_add(1, Relaxed);
    }

    /// Counts messages out.
    pub fn count_sent_many(&self, count: u64) {
        self.sent.fetch_add(count, Relaxed);
    }

    /// Counts how late a message left, in nanoseconds; negative for an early one.
    pub fn count_lateness(&self, ns: i64) {
        self.lateness.record(ns);
        if u128::try_from(ns).is_ok_and(|ns| ns > LATE.as_nanos()) {
            self.late.fetch_add(1, Relaxed);
        }
    }

    /// Counts messages that were not sent because they were too late.
    pub fn count_missed(&self, count: u64) {
        self.missed.fetch_add(count, Relaxed);
        self.count_dropped(count);
    }

    /// Counts messages lost.
    pub fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Relaxed);
    }

    /// Sets the fault to show; an empty text clears it. Logs only on change. What a peer sent may be in it.
    pub fn set_error(&self, name: &str, error: impl AsRef<str>) {
        let error = downbeat_log::one_line(error.as_ref(), LONGEST);
        let mut current = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != error {
            if error.is_empty() {
                tracing::info!("{name}: works again");
            } else {
                tracing::warn!("{name}: {error}");
            }
            *current = error;
        }
    }

    /// The same without logging, for faults already in the log.
    pub fn show_error(&self, error: &str) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = downbeat_log::one_line(error, LONGEST);
    }

    /// Sets its destination or address, once known.
    pub fn set_place(&self, place: impl Into<String>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place.into();
    }

    /// Its destination or address; empty until known.
    pub fn place(&self) -> String {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fault to show.
    pub fn error(&self) -> String {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
