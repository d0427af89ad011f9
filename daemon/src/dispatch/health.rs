//! Counters of outputs and controls, read by the status page.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Counters of one output or control. Shared; every method takes `&self`.
#[derive(Debug, Default)]
pub struct Health {
    /// Messages sent, or commands taken.
    pub sent: AtomicU64,
    /// Messages that left late.
    pub late: AtomicU64,
    /// Messages lost or not sent; invalid packets.
    pub dropped: AtomicU64,
    error: Mutex<String>,
}

impl Health {
    /// Counts one message out.
    pub fn count_sent(&self) {
        self.sent.fetch_add(1, Relaxed);
    }

    /// Counts messages out.
    pub fn count_sent_many(&self, count: u64) {
        self.sent.fetch_add(count, Relaxed);
    }

    /// Counts one late message.
    pub fn count_late(&self) {
        self.late.fetch_add(1, Relaxed);
    }

    /// Counts messages lost.
    pub fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Relaxed);
    }

    /// Sets the fault to show; an empty text clears it. Logs only on change.
    pub fn set_error(&self, name: &str, error: impl Into<String>) {
        let error = error.into();
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
    pub fn show_error(&self, error: String) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// The fault to show.
    pub fn error(&self) -> String {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
