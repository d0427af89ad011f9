//! Leases for other parts of this process to use the same JACK server.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// Permission for another JACK client in this process, for as long as the server lives.
///
/// jackd2's libjack keeps one view of the server for the whole process, and drops it with the last client. A client
/// still open when another one connects to the restarted server corrupts that one: libjack crashes when it is closed
/// (seen with jackd2 1.9.21). So other code that opens a client takes a lease first
/// ([`JackLeases::take`](super::JackLeases::take)), closes the client when the lease has
/// [`expired`](Self::has_expired), and then drops the lease. The source reconnects once all are back.
#[derive(Clone, Debug)]
pub struct JackLease(Arc<AtomicBool>);

impl JackLease {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(false)))
    }

    /// Whether the server has gone: close what uses it and drop the lease. Realtime-safe: yes.
    pub fn has_expired(&self) -> bool {
        self.0.load(Relaxed)
    }

    pub(super) fn expire(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether this is the last one.
    pub(super) fn is_last(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}
