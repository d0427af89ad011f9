//! State shared by the supervisor and the reader.

use std::collections::BTreeMap;
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
    /// Tells the supervisor to end.
    pub(super) quit: AtomicBool,
    /// Set when it has ended.
    pub(super) ended: AtomicBool,
    news: Mutex<News>,
    status: Mutex<Status>,
    /// Other names of the server's ports, by their names.
    aliases: Mutex<BTreeMap<String, Vec<String>>>,
    /// What is connected to the server's MIDI ports, by their names.
    midi_peers: Mutex<BTreeMap<String, Vec<String>>>,
    /// Of the current session, if any.
    lease: Mutex<Option<JackLease>>,
}

/// News for the reader. The newest wins: an unnoticed session that has ended again is dropped.
#[derive(Debug, Default)]
struct News {
    lost: Option<String>,
    suspended: Option<String>,
    started: Option<(f64, BlockReader)>,
}

/// The state of the graph, for a report.
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
        *self.news() = News { lost: Some(why), ..News::default() };
        self.gauges.reader.notify();
    }

    /// Announces that no samples come for a while.
    pub(super) fn announce_suspended(&self, why: String) {
        self.news().suspended = Some(why);
        self.gauges.reader.notify();
    }

    /// The next piece of news, with its ring.
    pub(super) fn take_news(&self) -> Option<(Got, Option<BlockReader>)> {
        let mut news = self.news();
        if let Some(why) = news.lost.take() {
            return Some((Got::Lost { why }, None));
        }
        if let Some((sample_rate, blocks)) = news.started.take() {
            return Some((Got::Started { sample_rate }, Some(blocks)));
        }
        Some((Got::Suspended { why: news.suspended.take()? }, None))
    }

    /// A lease of the current session.
    pub(super) fn lease(&self) -> Option<JackLease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the lease given to others from now on.
    pub(super) fn set_lease(&self, lease: Option<JackLease>) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
    }

    pub(super) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other names of the server's ports, by their names.
    pub(super) fn aliases(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.aliases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is connected to the server's MIDI ports, by their names.
    pub(super) fn midi_peers(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.midi_peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
