//! What a signal to stop begins at once, whatever `main` is busy with: it may be reading a configuration from a share that
//! has gone.

use crate::dispatch::Fanout;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// The end of the daemon, once it has begun. Clones share it.
#[derive(Clone, Default)]
pub struct Ending(Arc<Shared>);

#[derive(Default)]
struct Shared {
    begun: AtomicBool,
    /// Once the daemon runs.
    fanout: Mutex<Option<Fanout>>,
}

impl Ending {
    /// Closes all edges, which put out lights and end notes, and has the state stored. `main` does the rest.
    pub fn begin(&self) {
        // First: the threads that end now have not died.
        self.0.begun.store(true, Relaxed);
        self.close();
    }

    /// Whether it has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.0.begun.load(Relaxed)
    }

    /// Ends what reads a fan-out.
    pub(super) fn of(&self, fanout: Fanout) {
        *self.0.fanout.lock().unwrap_or_else(PoisonError::into_inner) = Some(fanout);
        if self.has_begun() {
            self.close();
        }
    }

    fn close(&self) {
        self.0.fanout.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Fanout::close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::host_now;
    use crate::dispatch::Audible;

    #[test]
    fn edges_are_closed_without_main_whether_it_begins_before_or_after_they_run() {
        for is_late in [false, true] {
            let (ending, fanout) = (Ending::default(), Fanout::default());
            let feed = fanout.feed(Arc::default(), Audible::Always);
            let signal = ending.clone();
            if is_late {
                ending.of(fanout.clone());
                assert!(!feed.wait(host_now()).closed && !ending.has_begun());
                signal.begin();
            } else {
                signal.begin();
                ending.of(fanout.clone());
            }
            assert!(feed.wait(host_now()).closed && ending.has_begun());
        }
    }
}
