//! The life of an output, a control or a server: it is opened, runs on its own thread, and is opened again when it ends
//! or cannot be opened, until it is closed.
//!
//! A port that another program uses, an address that the network has not given out yet, a file on a stick that is not
//! plugged in: all of these may come later, and nothing else waits for them.

use crate::clock::host_now;
use crate::dispatch::{Feed, Health};
use crate::edges::OpenError;
use crate::threads;
use downbeat_peer::backoff::Backoff;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Wait before the second try.
const FIRST: Duration = Duration::from_millis(500);
/// Maximum wait: what has come back is used again soon.
const LONGEST: Duration = Duration::from_secs(5);
/// An edge that ran for this long was all right.
const WELL: Duration = Duration::from_secs(30);

/// An open edge. Runs until the feed closes, or until it can do no more.
pub type Open = Box<dyn FnOnce(&Feed, &Arc<Health>) + Send>;

/// Opens an edge.
pub type Opener = Box<dyn Fn() -> Result<Open, OpenError> + Send>;

/// An edge before its thread starts.
pub struct Edge {
    /// The name for messages.
    pub name: String,
    /// Opens it again.
    pub opener: Opener,
    /// As opened at the start; the error if that was not possible.
    pub open: Result<Open, OpenError>,
    /// Its part of the status.
    pub health: Arc<Health>,
}

impl Edge {
    /// Opens it for the first time.
    ///
    /// # Errors
    /// Its table makes no sense, which trying again does not change.
    pub fn open(name: &str, opener: Opener, health: Arc<Health>) -> Result<Self, OpenError> {
        match opener() {
            Err(error) if !error.may_pass() => Err(error),
            open => Ok(Self { name: name.into(), opener, open, health }),
        }
    }

    /// Runs until the feed closes. Call it on the edge's own thread.
    pub fn run(self, feed: &Feed) {
        let Self { name, opener, mut open, health } = self;
        let mut backoff = Backoff::new(FIRST, LONGEST);
        loop {
            match open {
                Ok(run) => {
                    let begun = host_now();
                    // It owns everything that it changes, and is opened anew.
                    let ended = catch_unwind(AssertUnwindSafe(|| run(feed, &health)));
                    if host_now() > begun + WELL {
                        backoff.reset();
                    }
                    if ended.is_err() {
                        health.set_error(&name, "it failed, which is a bug in Downbeat: opening it again");
                    }
                }
                Err(error) => health.set_error(&name, format!("{error}; trying again until it works")),
            }
            if has_closed(feed, backoff.failed()) {
                return;
            }
            // A certificate or a surface may be on a disk that hangs: only this edge waits for it.
            open = threads::unwatched(&opener);
            if open.is_ok() {
                health.set_error(&name, "");
            }
        }
    }
}

/// Lets some time pass; returns at once whether the feed has closed.
fn has_closed(feed: &Feed, wait: Duration) -> bool {
    let until = host_now() + wait;
    loop {
        // What happens meanwhile is missed: there is nobody to tell.
        if feed.wait(until).closed {
            return true;
        }
        if host_now() >= until {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::mailbox;
    use crate::threads::Threads;
    use crossbeam_channel::bounded;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
    use std::thread;
    use std::time::Instant;

    fn busy() -> OpenError {
        OpenError::Io { what: "cannot listen".into(), source: std::io::ErrorKind::AddrInUse.into() }
    }

    /// Runs an edge whose every opening is counted, until it has been opened `times`.
    fn opened(times: u32, open: impl Fn(u32) -> Result<Open, OpenError> + Send + 'static) -> Arc<Health> {
        let (health, count) = (Arc::new(Health::default()), Arc::new(AtomicU32::new(0)));
        let theirs = Arc::clone(&count);
        let opener = Box::new(move || open(theirs.fetch_add(1, Relaxed)));
        let edge = Edge::open("desk", opener, Arc::clone(&health)).expect("it makes sense");
        let (slot, feed) = mailbox(Arc::clone(&health));
        let thread = thread::spawn(move || edge.run(&feed));
        let begun = Instant::now();
        while count.load(Relaxed) < times {
            assert!(begun.elapsed() < Duration::from_secs(10), "{}", health.error());
            thread::sleep(Duration::from_millis(5));
        }
        slot.close();
        thread.join().expect("ends");
        health
    }

    #[test]
    fn what_cannot_be_opened_is_tried_again_until_it_can() {
        let run = |feed: &Feed, _: &Arc<Health>| while !feed.wait(host_now() + WELL).closed {};
        let health = opened(2, move |count| if count == 0 { Err(busy()) } else { Ok(Box::new(run)) });
        assert_eq!(health.error(), "");
    }

    #[test]
    fn what_panics_is_opened_again() {
        let health = opened(2, |_| Ok(Box::new(|_, _| std::panic::resume_unwind(Box::new(())))));
        assert!(health.error().contains("opening it again"), "{}", health.error());
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_once() {
        let opener: Opener = Box::new(|| Err(OpenError::Value("rate-hz is -1".into())));
        assert!(Edge::open("desk", opener, Arc::default()).is_err());
    }

    #[test]
    fn an_edge_whose_files_hang_is_no_thread_that_hangs() {
        let (tell, opens) = bounded(1);
        let (go, gone) = bounded::<()>(0);
        let is_first = AtomicBool::new(true);
        let opener: Opener = Box::new(move || {
            if !is_first.swap(false, Relaxed) {
                let _ = tell.try_send(());
                let _ = gone.recv();
            }
            Err(busy())
        });
        let edge = Edge::open("desk", opener, Arc::default()).expect("it makes sense");
        let (slot, feed) = mailbox(Arc::default());
        let mut threads = Threads::default();
        threads.start("in:desk", move || edge.run(&feed)).expect("starts");
        opens.recv_timeout(Duration::from_secs(10)).expect("it is opened again");
        let soon = host_now() + Duration::from_secs(60);
        assert!(threads.watchdog().hung(soon, Duration::from_secs(2)).is_empty());
        slot.close();
        drop(go);
        assert!(threads.wait(Duration::from_secs(10)).is_empty());
    }
}
