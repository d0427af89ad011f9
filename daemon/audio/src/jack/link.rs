//! What the supervisor and the reading side share.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64},
};

use super::lease::JackLease;
use crate::{Got, MidiOut, block_ring::BlockReader, process::Gauges, signal::Signal};

/// Everything that outlives a session with a server.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) gauges: Arc<Gauges>,
    pub(super) xruns: Arc<AtomicU64>,
    pub(super) midi: MidiOut,
    /// Wakes the supervisor.
    pub(super) supervisor: Arc<Signal>,
    /// Asks the supervisor to end.
    pub(super) quit: AtomicBool,
    /// Says that it has.
    pub(super) ended: AtomicBool,
    news: Mutex<News>,
    status: Mutex<Status>,
    /// Of the session that runs, if one does.
    lease: Mutex<Option<JackLease>>,
}

/// What the reader has not yet been told. The newest wins: a session that came and went unnoticed is not news.
#[derive(Debug, Default)]
struct News {
    lost: Option<String>,
    started: Option<(f64, BlockReader)>,
}

/// What is known of the graph, for a report.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    pub(super) text: String,
    pub(super) connected: Vec<Vec<String>>,
    pub(super) sample_rate: f64,
    pub(super) block: usize,
}

impl Link {
    /// Announces a new stream.
    pub(super) fn announce_started(&self, sample_rate: f64, blocks: BlockReader) {
        self.news().started = Some((sample_rate, blocks));
        self.gauges.reader.notify();
    }

    /// Announces that the stream has ended, or that there is none yet.
    pub(super) fn announce_lost(&self, why: String) {
        *self.news() = News { lost: Some(why), started: None };
        self.gauges.reader.notify();
    }

    /// The next piece of news, and the ring that belongs to it.
    pub(super) fn take_news(&self) -> Option<(Got, Option<BlockReader>)> {
        let mut news = self.news();
        if let Some(why) = news.lost.take() {
            return Some((Got::Lost { why }, None));
        }
        let (sample_rate, blocks) = news.started.take()?;
        Some((Got::Started { sample_rate }, Some(blocks)))
    }

    /// Leave to use the server of the running session.
    pub(super) fn lease(&self) -> Option<JackLease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what others get as a lease from now on.
    pub(super) fn set_lease(&self, lease: Option<JackLease>) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
    }

    pub(super) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
